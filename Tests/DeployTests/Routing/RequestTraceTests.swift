// SPDX-License-Identifier: Apache-2.0

import Baton
import NIOCore
import NIOHTTP1
import Testing

@testable import Operations
@testable import Routing
@testable import Serving

@Suite("The trace of an inference request")
struct RequestTraceTests {
    private static let traceID = "0af7651916cd43dd8448eb211c80319c"
    private static let caller = "b7ad6b7169203331"

    private func answer(_ status: Int) -> InferenceRelay.Answer {
        InferenceRelay.Answer(status: status, body: ByteBuffer(), lane: "lane-1")
    }

    private func response(_ status: Int) -> LaneResponse {
        LaneResponse(status: status, headers: [:], body: ByteBuffer())
    }

    @Test("the router's span is below the caller's, attempts are below the router's, and a lane is told of its own")
    func tree() throws {
        let traces = Traces()
        let trace = try #require(RequestTrace("00-\(Self.traceID)-\(Self.caller)-01", traces))
        let (first, second) = (trace.attempt(), trace.attempt())
        first.ended(at: "lane-1", .failure(.timedOut(.seconds(3))))
        second.ended(at: "lane-2", .success(response(200)))
        trace.answered(answer(200), model: "cancer", request: "r")
        let spans = traces.first(10)
        #expect(spans.map(\.name) == ["attempt", "attempt", "inference"])
        #expect(spans.map(\.kind) == [.client, .client, .server])
        #expect(Set(spans.map(\.identity.traceID)) == [Self.traceID])
        #expect(spans[2].parentID == Self.caller)
        #expect(spans[0].parentID == spans[2].identity.spanID)
        #expect(spans[1].parentID == spans[2].identity.spanID)
        #expect(spans[0].failure == "no answer within 3.0 seconds")
        #expect(spans[1].failure == nil)
        #expect(first.context.description == "00-\(Self.traceID)-\(spans[0].identity.spanID)-01")
        #expect(Set(spans.map(\.identity.spanID)).count == 3)
    }

    @Test("a request that fails is a span with an error")
    func failure() throws {
        let traces = Traces()
        let trace = try #require(RequestTrace("00-\(Self.traceID)-\(Self.caller)-01", traces))
        trace.answered(answer(503), model: "cancer", request: "r")
        #expect(traces.first(1).first?.failure == "the answer is 503")
    }

    @Test("a caller that does not record its trace gets no span, and its trace is passed on as it is")
    func unsampled() throws {
        let traces = Traces()
        let text = "00-\(Self.traceID)-\(Self.caller)-00"
        let trace = try #require(RequestTrace(text, traces))
        let attempt = trace.attempt()
        attempt.ended(at: "lane-1", .success(response(200)))
        trace.answered(answer(200), model: "cancer", request: "r")
        #expect(traces.waiting == 0)
        #expect(attempt.context.description == text)
    }

    @Test("a router that exports nothing passes the trace on as it is")
    func off() throws {
        let text = "00-\(Self.traceID)-\(Self.caller)-01"
        #expect(RequestTrace(text, .off)?.attempt().context.description == text)
    }

    @Test("a request that names no trace, or none that can be read, has none", arguments: [nil, "", "00-x-y-01"])
    func nothing(text: String?) {
        #expect(RequestTrace(text, Traces()).map { _ in true } == nil)
    }

    @Test("spans that find no room are lost, and nobody waits")
    func full() throws {
        let traces = Traces(capacity: 1)
        let trace = try #require(RequestTrace("00-\(Self.traceID)-\(Self.caller)-01", traces))
        trace.attempt().ended(at: "lane-1", .success(response(200)))
        trace.answered(answer(200), model: "cancer", request: "r")
        #expect(traces.waiting == 1)
        #expect(traces.lost == 1)
    }
}
