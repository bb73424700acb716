// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ModelServer
@testable import Operations

@Suite("The trace of a prediction")
struct LaneTraceTests {
    private static let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test("its span is below that of whoever sent the request")
    func below() throws {
        let traces = Traces()
        try #require(LaneTrace(Self.text, traces)).answered(200, model: "cancer", version: "1")
        let span = try #require(traces.first(1).first)
        #expect(span.name == "prediction")
        #expect(span.kind == .server)
        #expect(span.identity.traceID == "0af7651916cd43dd8448eb211c80319c")
        #expect(span.parentID == "b7ad6b7169203331")
        #expect(span.identity.spanID != "b7ad6b7169203331")
        #expect(span.endedAtNanoseconds >= span.startedAtNanoseconds)
        #expect(span.failure == nil)
    }

    @Test("an answer that is the lane's fault is a span with an error")
    func failure() throws {
        let traces = Traces()
        try #require(LaneTrace(Self.text, traces)).answered(503, model: "cancer", version: "1")
        #expect(traces.first(1).first?.failure == "the answer is 503")
    }

    @Test(
        "there is none without a caller that records, and none where nothing is exported",
        arguments: [
            (nil, true), ("nonsense", true), ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true),
            (text, false),
        ])
    func none(text: String?, isOn: Bool) {
        #expect(LaneTrace(text, isOn ? Traces() : .off).map { _ in true } == nil)
    }
}
