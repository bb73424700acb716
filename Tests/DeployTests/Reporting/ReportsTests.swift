// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import NIOCore
import OpenInference
import Operations
import Testing

@testable import Reporting
@testable import Routing
@testable import RoutingRules
@testable import Serving

@Suite("What is reported of serving", .timeLimit(.minutes(1)))
struct ReportsTests {
    let sink = CollectedEvents()
    let metrics = Metrics()
    let usage = ServingMeter()

    func answered(_ status: Int, request: String, response: String) throws -> AnsweredRequest {
        AnsweredRequest(
            id: "router-id", release: release("one", try Workshop().manifest()), lane: "lane-1", status: status,
            request: ByteBuffer(string: request), response: ByteBuffer(string: response), latency: .milliseconds(5),
            at: Timestamp(milliseconds: 1000))
    }

    let request = #"{"id":"mine","inputs":[{"name":"input","shape":[2,2],"datatype":"FP32","data":[1,null,3,4]}]}"#
    let response =
        #"{"model_name":"cancer","outputs":[{"name":"predict","shape":[2],"datatype":"FP32","data":[0.25,0.75]}]}"#

    let router = RouterID(instance: "deploy-0", startedAt: Timestamp(milliseconds: 500))

    func reports() -> PredictionReports {
        PredictionReports(
            usage: usage, sink: sink, topic: "relay.predictions", source: "relay/deploy", router: router,
            metrics: metrics, logger: .quiet)
    }

    func publish(_ answers: [AnsweredRequest]) async throws -> [Prediction] {
        let reports = reports()
        for answer in answers { reports.report(answer) }
        reports.finish()
        try await reports.run()
        return try sink.entries.map { try Prediction.read($0.event) }
    }

    @Test("a prediction event has rows, outputs, lane, release and latency")
    func prediction() async throws {
        let answer = try answered(200, request: request, response: response)
        let prediction = try #require(try await publish([answer]).first)
        #expect(prediction.id == "mine" && prediction.model == "cancer" && prediction.baton == baton("one"))
        #expect(prediction.rows == [[1, nil], [3, 4]])
        #expect(prediction.outputs == [0.25, 0.75])
        #expect(prediction.lane == "lane-1" && prediction.status == 200 && prediction.latencyMilliseconds == 5)
        #expect(prediction.artifact == answer.release.manifest.artifact.digest)
        #expect(sink.entries[0].key == "cancer" && sink.entries[0].event.id == "router-id")
    }

    @Test("a failed request is reported with its status and without rows")
    func failed() async throws {
        let prediction = try #require(
            try await publish([answered(400, request: "{", response: #"{"error":"x"}"#)]).first)
        #expect(prediction.id == "router-id" && prediction.status == 400)
        #expect(prediction.rows == [] && prediction.outputs == [])
    }

    @Test("what finds no room is dropped and counted")
    func dropped() async throws {
        let answer = try answered(200, request: request, response: response)
        sink.setFull(true)
        #expect(try await publish([answer, answer]).isEmpty)
        #expect(metrics.exposition().contains("relay_predictions_dropped_total 2"))
    }

    @Test("a request that is too large for an event is told of without its rows")
    func large() async throws {
        let text = String(repeating: " ", count: PredictionReports.maximumRequestBytes) + request
        let large = try answered(200, request: text, response: response)
        let prediction = try #require(try await publish([large]).first)
        #expect(prediction.status == 200 && prediction.latencyMilliseconds == 5 && prediction.isAbridged == true)
        #expect(prediction.rows.isEmpty && prediction.outputs.isEmpty)
        #expect(!metrics.exposition().contains("relay_predictions_dropped_total 1"))
    }

    @Test("answers are numbered by release, and a mark counts them, those that were left out too")
    func marks() async throws {
        let reports = reports()
        let answer = try answered(200, request: request, response: response)
        async let running: Void = reports.run()
        reports.report(answer)
        reports.report(answer)
        let marks = await reports.marks(of: [(answer.release, answer.at)], at: Timestamp(milliseconds: 2000))
        // Behind all that it counts: that has been handed over by now.
        #expect(try sink.entries.map { try Prediction.read($0.event) }.map(\.number) == [1, 2])
        #expect(
            marks == [
                RouterMark(
                    model: "cancer", baton: baton("one"), router: router, through: Timestamp(milliseconds: 2000),
                    written: 2)
            ])
        sink.setFull(true)
        // It was answered at 1 s, but that the router was past 2 s has been told.
        reports.report(answer)
        reports.finish()
        try await running
        let last = reports.lastMarks(at: Timestamp(milliseconds: 1500))
        #expect(last.map(\.written) == [3] && last.map(\.dropped) == [1] && last.map(\.isLast) == [true])
        #expect(last.map(\.through) == [Timestamp(milliseconds: 2000)])
    }

    @Test("marks are told while the router runs, and none once nothing can be put behind them")
    func markService() async throws {
        let reports = reports()
        let answer = try answered(200, request: request, response: response)
        let sent = Watched<[RouterMark]>([])
        let service = RouterMarks(
            reports: reports, serving: { [(answer.release, answer.at)] }, logger: .quiet,
            now: { Timestamp(milliseconds: 3000) }, send: { mark in sent.update { $0.append(mark) } })
        async let running: Void = reports.run()
        await service.tell()
        #expect(sent.value.map(\.isLast) == [false])
        reports.finish()
        try await running
        // The entrance is closed, so there is nothing behind which a mark could be.
        await service.tell()
        #expect(sent.value.count == 1)
    }

    @Test("usage is reported once, and what could not be reported is kept for the next time")
    func usageReports() throws {
        let reports = UsageReports(
            meter: usage, sink: sink, topic: "relay.usage", source: "relay/deploy", instance: "deploy-1",
            interval: .seconds(1),
            logger: .quiet, now: { Timestamp(milliseconds: 7) })
        reports.flush()
        #expect(sink.entries.isEmpty)
        usage.answered(of: baton("one"), movedBytes: 100)
        usage.answered(of: baton("one"), movedBytes: 50)
        sink.setFull(true)
        reports.flush()
        sink.setFull(false)
        reports.flush()
        reports.flush()
        let found = try sink.entries.map { try Usage.read($0.event) }
        #expect(found.map(\.resource) == [.movedBytes, .requests])
        #expect(found.map(\.amount) == [150, 2])
        #expect(Set(found.map(\.id)).count == 2)
        #expect(found.allSatisfy { $0.leg == .deploy && $0.baton == baton("one") })
    }

    @Test("lanes lost and won back are signalled, the worse the fewer are left")
    func laneSignals() throws {
        let record = release("one", try Workshop().manifest())
        let signals = LaneSignals(
            sink: sink, topic: "relay.signals", source: "relay/deploy", instance: "deploy-1", logger: .quiet,
            now: { Timestamp(milliseconds: 9) })
        for ready in 0...2 { signals.tell(record, .init(ready: ready, declared: 2, event: "lane x ended")) }
        let found = try sink.entries.map { try Signal.read($0.event) }
        #expect(found.map(\.level) == [.critical, .warning, .info])
        #expect(found[1].text == "1 of 2 lanes of cancer are ready at deploy-1: lane x ended")
        #expect(found[1].values == ["ready": 1, "declared": 2])
        #expect(sink.entries.allSatisfy { $0.topic == "relay.signals" && $0.key == "cancer" })
    }
}
