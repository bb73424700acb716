// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Logging
import Operations
import Testing

@testable import LegRuntime

@Suite("Handoffs and their records")
struct HandoffRecordsTests {
    private let topics = Topics()

    private func end(_ result: Result<Results, any Error>, _ speak: (WorkContext) -> Void = { _ in }) -> WorkEnd {
        let said = WorkContext(
            instance: "w", lane: .primary, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        speak(said)
        return WorkEnd(
            assignment: Sample.assignment(1), worker: "w", report: said.said, result: result,
            startedAt: Timestamp(milliseconds: 1), finishedAt: Timestamp(milliseconds: 2))
    }

    @Test("Completed work hands over what it learned and what it returns, its usage summed by resource")
    func completed() {
        let handoff = end(.success(Sample.results())) {
            $0.use(.cpuSeconds, 1)
            $0.use(.cpuSeconds, 0.5)
            $0.use(.storedBytes, 10)
            $0.use(.storedBytes, .nan)
            $0.use(.storedBytes, -1)
        }.answer(topics, source: "relay/pipeline").handoff
        #expect(handoff.outcome == .completed)
        #expect(handoff.results == Sample.results())
        #expect(handoff.usage.map(\.id) == ["\(handoff.key)/cpu-seconds", "\(handoff.key)/stored-bytes"])
        #expect(handoff.usage.map(\.amount) == [1.5, 10])
        #expect(handoff.reason == nil)
    }

    @Test("Failed work says why and still hands over what it learned")
    func failed() {
        let handoff = end(.failure(WorkFailure(reason: "a gate is closed", retryable: false))) {
            $0.learn(Sample.results("learned"))
        }.answer(topics, source: "relay/pipeline").handoff
        #expect(handoff.outcome == .failed)
        #expect(handoff.reason == "a gate is closed")
        #expect(!handoff.retryable)
        #expect(handoff.results == Sample.results("learned"))
    }

    @Test("Work that a newer release made needless says which, and no attempt follows")
    func superseded() {
        let newer = BatonID(source: "ci", id: "newer")
        let handoff = end(.failure(WorkSuperseded(by: newer))).answer(topics, source: "relay/deploy").handoff
        #expect(handoff.outcome == .failed && !handoff.retryable)
        #expect(handoff.supersededBy == newer)
        #expect(handoff.reason == "superseded by \(newer), which was asked for later")
        #expect(end(.failure(WorkSuperseded(by: newer))).span(isStopped: false).failure == nil)
    }

    @Test("A refusal is not a failure, and an error of another kind is a retryable one")
    func otherErrors() {
        struct Broken: Error, CustomStringConvertible { var description: String { "the disk is full" } }
        let refused = end(.failure(WorkRefused(reason: "no budget"))).answer(topics, source: "relay/pipeline")
        #expect(refused.handoff.outcome == .refused)
        let handoff = end(.failure(Broken())).answer(topics, source: "relay/pipeline").handoff
        #expect(handoff.outcome == .failed)
        #expect(handoff.reason == "the disk is full")
        #expect(handoff.retryable)
    }

    @Test("All that a run of the work writes is of its span, below the attempt's, and of another when it runs again")
    func traced() throws {
        let end = end(.success(Sample.results())) {
            $0.use(.cpuSeconds, 1)
            $0.journal("all is well")
        }
        let records = end.answer(topics, source: "relay/pipeline").records
        let traces = records.map { record in record.headers.first { $0.name == "ce_traceparent" }?.value }
        #expect(traces.count == 3)
        #expect(Set(traces) == [Array(end.trace.description.utf8)])
        #expect(end.trace.traceID == end.assignment.trace.traceID)
        #expect(end.trace.spanID != end.assignment.trace.spanID)
        #expect(end.assignment.trace.work(of: "w", startedAt: Timestamp(milliseconds: 2)) != end.trace)
    }

    @Test("A run of the work is a span below the attempt's, and one that was stopped has not failed")
    func span() throws {
        let good = end(.success(Sample.results()))
        #expect(good.span(isStopped: false).identity == good.trace.identity)
        #expect(good.span(isStopped: false).parentID == good.assignment.trace.spanID)
        #expect(good.span(isStopped: false).failure == nil)
        #expect(good.span(isStopped: true).attributes["relay.outcome"] == .text("completed"))
        let bad = end(.failure(WorkFailure(reason: "the disk is full", retryable: true)))
        #expect(bad.span(isStopped: false).failure == "the disk is full")
        #expect(bad.span(isStopped: false).attributes["relay.outcome"] == .text("failed"))
        let stopped = end(.failure(CancellationError())).span(isStopped: true)
        #expect(stopped.failure == nil)
        #expect(stopped.attributes["relay.outcome"] == .text("stopped"))
        #expect(end(.failure(WorkRefused(reason: "no budget"))).span(isStopped: false).failure == nil)
    }

    @Test("Results that no broker accepts become a failure that says so")
    func tooLarge() throws {
        let end = end(.success(Sample.results(String(repeating: "x", count: 1_000_000))))
        let (handoff, records) = end.answer(topics, source: "relay/pipeline")
        #expect(handoff.outcome == .failed)
        #expect(!handoff.retryable)
        #expect(handoff.reason?.contains("900000") == true)
        #expect(try #require(records.first?.value).count < WorkEnd.maximumHandoffBytes)
    }

    @Test("The records go to their topics with ids that are the same on every try")
    func records() throws {
        let end = end(.success(Sample.results())) {
            $0.journal("took the cached model")
            $0.journal("skipped one stage")
            $0.use(.requests, 3)
        }
        let records = end.answer(topics, source: "relay/pipeline").records
        #expect(records == end.answer(topics, source: "relay/pipeline").records)
        #expect(records.map(\.topic) == [topics.batonEvents, topics.journal, topics.journal, topics.usage])
        let events = try records.map { record in
            try ConsumerRecord(
                topic: record.topic, partition: 0, offset: 0, key: record.key, value: record.value,
                headers: record.headers, timestampMilliseconds: 0
            ).cloudEvent()
        }
        let key = Sample.assignment(1).key
        #expect(events.map(\.id) == ["\(key)", "\(key)/decided/1", "\(key)/decided/2", "\(key)/requests"])
        #expect(events.allSatisfy { $0.subject == Sample.baton(1).description && $0.source == "relay/pipeline" })
        #expect(try JournalEntry.read(events[2]).reason == "skipped one stage")
        #expect(records[3].key == Array("ada".utf8))
    }

    @Test("A dead letter is the record as received with its place and the reason")
    func deadLetters() {
        let record = ConsumerRecord(
            topic: "relay.legs.pipeline", partition: 2, offset: 9, key: [1], value: [2, 3],
            headers: [KafkaHeader(name: "x", text: "y")], timestampMilliseconds: 0)
        let letter = deadLetter(record, reason: "not JSON", reader: "w", topics: topics)
        #expect(letter.topic == topics.deadLetters)
        #expect(letter.key == [1])
        #expect(letter.value == [2, 3])
        let headers = letter.headers.map { "\($0.name)=\(String(decoding: $0.value ?? [], as: UTF8.self))" }
        #expect(
            headers == [
                "x=y", "relay_reason=not JSON", "relay_topic=relay.legs.pipeline", "relay_partition=2",
                "relay_offset=9", "relay_reader=w", "relay_attempts=1",
            ])
    }

    @Test("Progress is kept between 0 and 1")
    func progress() {
        let end = end(.success(Results())) {
            $0.progress(7, "almost")
            $0.progress(.nan, "still")
        }
        #expect(end.report.fraction == 1)
        #expect(end.report.note == "still")
    }
}
