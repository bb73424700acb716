// SPDX-License-Identifier: Apache-2.0

import Baton
import LegRuntime
import Operations
import Serving

/// Where an inference request belongs in the trace of its caller, and the spans that are told of it. Nothing waits.
struct RequestTrace: Sendable {
    private let caller: TraceContext
    /// The router's own span; the caller's when none is recorded.
    private let own: TraceContext
    private let traces: Traces?
    private let timer = SpanTimer()

    /// - Parameters:
    ///   - text: What the caller said; nothing when it is malformed.
    ///   - traces: Where spans go, if somebody wants them and the caller records its own.
    init?(_ text: String?, _ traces: Traces) {
        guard let text, let caller = TraceContext(text) else { return nil }
        self.caller = caller
        self.traces = traces.isOn && caller.isSampled ? traces : nil
        own = self.traces == nil ? caller : caller.drawnChild()
    }

    /// Begins an attempt at a lane.
    func attempt() -> Attempt { Attempt(trace: self, context: traces == nil ? own : own.drawnChild()) }

    /// Tells of the whole request.
    func answered(_ answer: InferenceRelay.Answer, model: String, request: String) {
        guard let traces else { return }
        var attributes: [String: Span.Value] = [
            "http.request.method": .text("POST"), "http.response.status_code": .number(answer.status),
            "relay.model": .text(model), "relay.request": .text(request),
        ]
        if let lane = answer.lane { attributes["relay.serving_lane"] = .text(lane) }
        if let release = answer.release { attributes["relay.baton"] = .text(release.baton.description) }
        traces.record([
            timer.span(
                "inference", own.identity, below: caller.spanID, kind: .server, attributes: attributes,
                failure: answer.status >= 500 ? "the answer is \(answer.status)" : nil)
        ])
    }

    /// One try at one lane.
    struct Attempt: Sendable {
        fileprivate let trace: RequestTrace
        /// What the lane is told.
        let context: TraceContext
        private let timer = SpanTimer()

        fileprivate init(trace: RequestTrace, context: TraceContext) {
            self.trace = trace
            self.context = context
        }

        /// Tells of the attempt.
        func ended(at lane: String, _ result: Result<LaneResponse, LaneTransportError>) {
            guard let traces = trace.traces else { return }
            var attributes: [String: Span.Value] = ["relay.serving_lane": .text(lane)]
            var failure: String?
            switch result {
            case .success(let response):
                attributes["http.response.status_code"] = .number(response.status)
                if response.status >= 500 { failure = "the answer is \(response.status)" }
            case .failure(let error): failure = error.description
            }
            traces.record([
                timer.span(
                    "attempt", context.identity, below: trace.own.spanID, kind: .client, attributes: attributes,
                    failure: failure)
            ])
        }
    }
}

extension TraceContext {
    fileprivate func drawnChild() -> TraceContext {
        var numbers = SystemRandomNumberGenerator()
        return child(using: &numbers)
    }
}
