// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Operations
import Testing

@testable import CaptainRace

extension Rounds {
    /// Asks for a release within a caller's trace.
    mutating func request(in caller: TraceContext?) -> [ProducerRecord] {
        round([BatonRequest(source: "ci", id: "1", request: .sample, traceparent: caller).record(topics, now: now)])
    }

    /// Answers an assignment, as `change` wants it.
    @discardableResult
    mutating func answer(
        _ assignment: Assignment?, commit: Bool = true, _ change: (inout Handoff) -> Void = { _ in }
    ) throws -> [ProducerRecord] {
        var handoff = Handoff.of(try #require(assignment))
        change(&handoff)
        return round([handoff.record(on: topics.batonEvents, baton)], commit: commit)
    }

    var spans: [Span] { turns.flatMap(\.spans) }
}

@Suite("The spans of a race")
struct TurnSpanTests {
    static let caller = TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    let trace = BatonTrace(baton, request: Self.caller)

    private func attempt(_ duty: Duty, _ number: Int) -> TraceContext {
        trace.attempt(AttemptKey(baton: baton, duty: duty, attempt: number))
    }

    @Test("are one for each attempt, below the race's, which is below the caller's, and all ends are known")
    func course() throws {
        var rounds = Rounds()
        var open = rounds.request(in: Self.caller).assignments
        while let assignment = open.first { open = try rounds.answer(assignment).assignments }
        let spans = rounds.spans
        #expect(spans.map(\.name) == Duty.allCases.map(\.rawValue) + ["release"])
        let race = try #require(spans.last)
        #expect(race.identity == trace.race.identity)
        #expect(race.parentID == Self.caller?.spanID)
        #expect(race.attributes["relay.ending"] == .text("finished"))
        #expect(race.attributes["cloudevents.event_id"] == .text("1"))
        for (span, duty) in zip(spans, Duty.allCases) {
            #expect(span.identity == attempt(duty, 1).identity)
            #expect(span.parentID == race.identity.spanID)
            #expect(span.attributes["relay.worker"] == .text("worker-1"))
            #expect(span.attributes["relay.outcome"] == .text("completed"))
            #expect(span.startedAtMilliseconds >= race.startedAtMilliseconds)
            #expect(span.endedAtMilliseconds <= race.endedAtMilliseconds)
            #expect(span.startedAtMilliseconds < span.endedAtMilliseconds)
        }
        #expect(spans.allSatisfy { $0.failure == nil && $0.links.isEmpty })
    }

    @Test("of a takeover are an attempt that failed, with who was last heard, and one that is linked to it")
    func takeover() throws {
        var rounds = Rounds()
        let first = try #require(rounds.request(in: Self.caller).assignments.first)
        let progress = Progress(
            baton: baton, duty: first.duty, attempt: 1, lane: .primary, worker: "p-0", fraction: 0.5, note: "at it",
            at: moment)
        rounds.round([progress.record(on: topics.progress, baton)])
        let second = try #require(rounds.pass(.seconds(2)).assignments.first)
        try rounds.answer(second)
        #expect(rounds.spans.count == 2)
        let (lost, won) = (try #require(rounds.spans.first), try #require(rounds.spans.last))
        #expect(lost.identity == attempt(.admission, 1).identity)
        #expect(lost.failure?.hasPrefix("no sign of life for 1") == true)
        #expect(lost.attributes["relay.outcome"] == .text("given-up"))
        #expect(lost.attributes["relay.worker"] == .text("p-0"))
        #expect(lost.attributes["relay.lane"] == .text("primary"))
        #expect(won.identity == attempt(.admission, 2).identity)
        #expect(won.links == [lost.identity])
        #expect(won.failure == nil)
        #expect(won.attributes["relay.lane"] == .text("fallback"))
        #expect(won.attributes["relay.attempt"] == .number(2))
        #expect(won.startedAtMilliseconds == lost.endedAtMilliseconds)
    }

    @Test("of an attempt that failed say why, whether another follows or the race ends with it")
    func failures() throws {
        var rounds = Rounds()
        let first = rounds.request(in: nil).assignments.first
        let second = try rounds.answer(first) {
            ($0.outcome, $0.reason, $0.retryable) = (.failed, "the disk is full", true)
            $0.results = Results()
        }.assignments.first
        try rounds.answer(second) { $0.results = Results() }
        try #require(rounds.spans.map(\.name) == ["admission", "admission", "release"])
        #expect(rounds.spans.map(\.failure?.isEmpty) == [false, false, false])
        #expect(rounds.spans[0].failure == "the disk is full")
        #expect(rounds.spans[1].failure == "it handed over without a result")
        #expect(rounds.spans[1].attributes["relay.outcome"] == .text("failed"))
        #expect(rounds.spans[2].attributes["relay.ending"] == .text("dropped"))
        #expect(rounds.spans[2].parentID == nil)
    }

    @Test("of what a newer release outran are no failure, and name it")
    func superseded() throws {
        let newer = BatonID(source: "ci", id: "newer")
        var rounds = Rounds()
        try rounds.answer(rounds.request(in: nil).assignments.first) {
            ($0.outcome, $0.results, $0.supersededBy) = (.failed, Results(), newer)
        }
        let race = try #require(rounds.spans.last)
        #expect(race.name == "release" && race.failure == nil)
        #expect(race.attributes["relay.superseded_by"] == .text("\(newer)"))
        #expect(rounds.spans.map(\.failure) == [nil, nil])
    }

    @Test("of what was called off or refused are no failures")
    func noFailures() throws {
        var refused = Rounds()
        try refused.answer(refused.request(in: nil).assignments.first) {
            ($0.outcome, $0.reason, $0.results) = (.refused, "no budget", Results())
        }
        var cancelled = Rounds()
        let out = cancelled.request(in: nil).assignments.first
        cancelled.round([CancelRequest(baton: baton, by: "ann", reason: "wrong data").record(topics, now: moment)])
        try cancelled.answer(out) { ($0.outcome, $0.reason, $0.results) = (.failed, "called off", Results()) }
        for (spans, ending) in [(refused.spans, "refused"), (cancelled.spans, "cancelled")] {
            #expect(spans.map(\.name) == ["admission", "release"])
            #expect(spans.map(\.attributes["relay.outcome"]) == [.text(ending), nil])
            #expect(spans.last?.attributes["relay.ending"] == .text(ending))
            #expect(spans.allSatisfy { $0.failure == nil })
        }
    }

    @Test("are none of what changes nothing, of what was aborted, and of a caller that does not record")
    func none() throws {
        var rounds = Rounds()
        let first = rounds.request(in: nil).assignments.first
        _ = rounds.request(in: Self.caller)
        try rounds.answer(first, commit: false)
        #expect(rounds.spans.isEmpty)
        try rounds.answer(first)
        try rounds.answer(first)
        #expect(rounds.spans.count == 1)
        var quiet = Rounds()
        let unrecorded = quiet.request(in: TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"))
        try quiet.answer(unrecorded.assignments.first)
        #expect(quiet.spans.isEmpty)
    }

    @Test("are handed on once the transaction was committed, and the log tells each decision with its trace")
    func committed() async throws {
        let traces = Traces()
        let lines = Lines()
        let processor = RaceProcessor(
            policy: RacePolicy(), archive: EmptyArchive(), topics: topics, clock: SystemClock(),
            logger: try lines.logger,
            metrics: Metrics(), traces: traces)
        try await processor.assigned([TopicPartition(topic: topics.batonEvents, partition: 0)])
        let request = BatonRequest(source: "ci", id: "1", request: .sample, traceparent: Self.caller)
        let outputs = try await processor.process([request.record(topics, now: moment).read(offset: 0)], now: moment)
            .records
        await processor.settle(committed: true)
        let handoff = Handoff.of(try #require(outputs.assignments.first)).record(on: topics.batonEvents, baton)
        for isCommitted in [false, true] {
            _ = try await processor.process([handoff.read(offset: 1)], now: moment)
            #expect(traces.waiting == 0)
            await processor.settle(committed: isCommitted)
            #expect(traces.waiting == (isCommitted ? 1 : 0))
        }
        let decided = try lines.all.filter { $0["baton"] != nil }
        #expect(decided.map { $0["action"] } == ["requested", "assigned", "handoff-accepted", "assigned"])
        #expect(decided.map { $0["leg"] } == ["-", "governance", "governance", "pipeline"])
        #expect(decided.map { $0["attempt"] } == ["-", "1", "1", "1"])
        #expect(decided.allSatisfy { $0["trace_id"] == Self.caller?.traceID })
    }
}

/// An archive that nothing was written to.
private struct EmptyArchive: Archive {
    func restore(_ partitions: [Int32]) async throws -> [Int32: Share] {
        Dictionary(uniqueKeysWithValues: partitions.map { ($0, Share()) })
    }

    func progressEnds(_ partitions: [Int32]) async throws -> [Int32: Int64] { [:] }
}
