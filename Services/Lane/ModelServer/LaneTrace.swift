// SPDX-License-Identifier: Apache-2.0

import Baton
import Operations

/// The span of one prediction, for a caller that records its own. Nothing here waits.
struct LaneTrace: Sendable {
    private let caller: TraceContext
    private let traces: Traces
    private let timer = SpanTimer()

    /// Nil when nobody wants a span.
    init?(_ text: String?, _ traces: Traces) {
        guard traces.isOn, let text, let caller = TraceContext(text), caller.isSampled else { return nil }
        self.caller = caller
        self.traces = traces
    }

    func answered(_ status: Int, model: String, version: String) {
        var numbers = SystemRandomNumberGenerator()
        let own = caller.child(using: &numbers)
        traces.record([
            timer.span(
                "prediction", Span.Identity(traceID: own.traceID, spanID: own.spanID), below: caller.spanID,
                kind: .server,
                attributes: [
                    "http.response.status_code": .number(status), "relay.model": .text(model),
                    "relay.model_version": .text(version),
                ],
                failure: status >= 500 ? "the answer is \(status)" : nil)
        ])
    }
}
