// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Testing

@testable import CaptainRace

/// Drives an orchestrator as the transactional processor does, and keeps what was committed.
struct Rounds {
    var orchestrator = Orchestrator(policy: RacePolicy(), topics: topics)
    var now = moment
    var committed: [ProducerRecord] = []
    var turns: [Turn] = []
    var offset: Int64 = 0

    init(restored: [ConsumerRecord] = []) {
        orchestrator.own(0, Share(records: restored), now: now)
    }

    func state(of baton: BatonID) -> BatonState? { orchestrator.state(of: baton) }

    /// One round; `progressEnds` says what the broker answers when it is asked.
    @discardableResult
    mutating func round(
        _ records: [ProducerRecord] = [], after: Duration = .milliseconds(100), commit: Bool = true,
        progressEnds: [Int32: Int64]? = [0: 0]
    ) -> [ProducerRecord] {
        now = now + after
        let read = records.map { record in
            offset += 1
            return record.read(offset: offset)
        }
        orchestrator.take(read, now: now)
        let suspects = orchestrator.suspects(now: now)
        let ordered = orchestrator.order(suspects, progressEnds: progressEnds, now: now)
        let outputs = ordered.records + ordered.late.map { $0.make() }
        turns += orchestrator.settle(committed: commit)
        if commit { committed += outputs }
        return outputs
    }

    mutating func request(_ id: String = "1", commit: Bool = true) -> [ProducerRecord] {
        round([BatonRequest(source: "ci", id: id, request: .sample).record(topics, now: now)], commit: commit)
    }

    /// Lets quiet time pass in looks of 100 ms.
    mutating func pass(_ duration: Duration, progressEnds: [Int32: Int64]? = [0: 0]) -> [ProducerRecord] {
        var outputs: [ProducerRecord] = []
        for _ in 0..<(duration.milliseconds / 100) { outputs += round(progressEnds: progressEnds) }
        return outputs
    }
}

let baton = BatonID(source: "ci", id: "1")

extension [ProducerRecord] {
    func payloads<Payload: EventPayload>(_ type: Payload.Type, on topic: String) -> [Payload] {
        filter { $0.topic == topic }.compactMap { try? Payload.read($0.read(offset: 0).cloudEvent()) }
    }

    var assignments: [Assignment] { Leg.allCases.flatMap { payloads(Assignment.self, on: topics.leg($0)) } }
    var states: [BatonState] { payloads(BatonState.self, on: topics.batons) }
    var actions: [JournalEntry.Action] { payloads(JournalEntry.self, on: topics.journal).map(\.action) }
}

@Suite("The captain's fold over its partitions")
struct OrchestratorTests {
    @Test("a request becomes a state, an assignment and journal entries, the state in the partition of its event")
    func request() throws {
        var rounds = Rounds()
        let outputs = rounds.request()
        #expect(outputs.states.map(\.id) == [baton])
        #expect(outputs.first { $0.topic == topics.batons }?.partition == 0)
        #expect(outputs.assignments.map(\.duty) == [.admission])
        let order = try #require(outputs.first { $0.topic == topics.leg(.governance) })
        #expect(order.header("ce_lane") == "primary")
        #expect(outputs.actions == [.requested, .assigned])
        #expect(outputs.allSatisfy { $0.header("ce_source") == "relay/captain" })
    }

    @Test("what an aborted transaction changed is forgotten, and comes out the same when the records come again")
    func aborted() {
        var rounds = Rounds()
        let first = rounds.request(commit: false)
        #expect(rounds.orchestrator.state(of: baton) == nil)
        let second = rounds.request()
        #expect(second.actions == first.actions)
        #expect(rounds.orchestrator.state(of: baton)?.version == 1)
    }

    @Test("a baton runs through all duties to its end, and one state is written a round")
    func course() {
        var rounds = Rounds()
        var open = rounds.request().assignments
        while let assignment = open.first {
            let outputs = rounds.round([Handoff.of(assignment).record(on: topics.batonEvents, baton)])
            #expect(outputs.states.count == 1)
            open = outputs.assignments
        }
        #expect(rounds.orchestrator.state(of: baton)?.ending == Ending(.finished))
        #expect(rounds.orchestrator.counts == [.running: 0, .finished: 1])
        #expect(rounds.committed.filter { $0.topic == topics.releases }.map(\.partition) == [0])
    }

    @Test("a request and its answer in one batch are one round with the newest state alone")
    func oneBatch() throws {
        var rounds = Rounds()
        let request = BatonRequest(source: "ci", id: "1", request: .sample).record(topics, now: moment)
        let outputs = rounds.round([request, request, request])
        #expect(outputs.states.count == 1)
        #expect(outputs.assignments.count == 1)
        #expect(outputs.actions == [.requested, .assigned, .duplicateIgnored, .duplicateIgnored])
    }

    @Test(
        "facts that change nothing are told apart also in one round, and are the same when their records are read again"
    )
    func occasions() throws {
        var rounds = Rounds()
        let assignment = try #require(rounds.request().assignments.first)
        let request = BatonRequest(source: "ci", id: "1", request: .sample).record(topics, now: moment)
        rounds.round([Handoff.of(assignment).record(on: topics.batonEvents, baton)])
        let late = Handoff.of(assignment).record(on: topics.batonEvents, baton)
        let read = [request, request, late, late]
        let first = rounds.round(read, commit: false).payloads(JournalEntry.self, on: topics.journal).map(\.id)
        #expect(first.count == 4)
        #expect(Set(first).count == 4)
        rounds.offset -= Int64(read.count)
        let again = rounds.round(read).payloads(JournalEntry.self, on: topics.journal).map(\.id)
        #expect(again == first)
    }

    @Test("a restored baton goes on where it was, and its duplicate request is known")
    func restored() throws {
        var before = Rounds()
        let assignment = try #require(before.request().assignments.first)
        let state = try #require(before.committed.first { $0.topic == topics.batons })
        var after = Rounds(restored: [state.read(offset: 0)])
        #expect(after.request().actions == [.duplicateIgnored])
        let outputs = after.round([Handoff.of(assignment).record(on: topics.batonEvents, baton)])
        #expect(outputs.assignments.map(\.duty) == [.build])
    }

    @Test("an ended baton is restored without its results, and still answers a duplicate")
    func restoredEnded() throws {
        var before = Rounds()
        let assignment = try #require(before.request().assignments.first)
        before.round([CancelRequest(baton: baton, by: "ann", reason: "wrong data").record(topics, now: moment)])
        var answer = Handoff.of(assignment)
        (answer.outcome, answer.results) = (.failed, Results())
        before.round([answer.record(on: topics.batonEvents, baton)])
        let states = before.committed.filter { $0.topic == topics.batons }
        var after = Rounds(restored: states.enumerated().map { $1.read(offset: Int64($0)) })
        #expect(after.orchestrator.counts[.cancelled] == 1)
        let outputs = after.request()
        #expect(outputs.actions == [.duplicateIgnored])
        #expect(outputs.states.isEmpty)
    }

    @Test("a partition that was given up is no longer decided about")
    func disowned() {
        var rounds = Rounds()
        _ = rounds.request()
        rounds.orchestrator.disown(0)
        #expect(rounds.pass(.seconds(3)).isEmpty)
    }

    @Test(
        "an event that cannot be read goes to the dead letters with its reason",
        arguments: [
            ("not json", EventType.dutyHandedOff, "dataCorrupted"), ("{}", EventType.dutyHandedOff, "missing"),
            ("{}", "relay.unknown.v1", "not known"), ("{}", EventType.batonRequested, "missing"),
        ])
    func undecodable(value: String, type: String, part: String) throws {
        var rounds = Rounds()
        let event = CloudEvent(id: "1", source: "test", type: type, data: Array(value.utf8))
        let outputs = rounds.round([event.record(topic: topics.batonEvents, key: baton.description)])
        let letter = try #require(outputs.first)
        #expect(outputs.count == 1)
        #expect(letter.topic == topics.deadLetters)
        #expect(letter.text == value)
        #expect(letter.header("relay_reason")?.isEmpty == false)
        #expect(letter.header("relay_offset") == "1")
    }

    @Test("an event under another key than its baton's is refused: it would have two owners")
    func wrongKey() {
        var rounds = Rounds()
        var record = BatonRequest(source: "ci", id: "1", request: .sample).record(topics, now: moment)
        record.key = Array("other".utf8)
        #expect(rounds.round([record]).map(\.topic) == [topics.deadLetters])
    }

    @Test("a baton whose stored state cannot be read is left alone, and its events are dead letters")
    func unreadableState() {
        let broken = CloudEvent(id: "1", source: "relay/captain", type: EventType.batonChanged, data: [0x7b])
            .record(topic: topics.batons, key: baton.description, partition: 0)
        var rounds = Rounds(restored: [broken.read(offset: 4)])
        #expect(rounds.orchestrator.unreadable[baton]?.contains("offset 4") == true)
        #expect(rounds.request().map(\.topic) == [topics.deadLetters])
    }

    @Test("a handoff of a superseded attempt is journalled and changes nothing")
    func superseded() throws {
        var rounds = Rounds()
        let first = try #require(rounds.request().assignments.first)
        let second = try #require(rounds.pass(.seconds(2)).assignments.first)
        #expect(second.lane == .fallback)
        let late = rounds.round([Handoff.of(first).record(on: topics.batonEvents, baton)])
        #expect(late.actions == [.handoffSuperseded])
        #expect(late.states.isEmpty)
        #expect(rounds.round([Handoff.of(second).record(on: topics.batonEvents, baton)]).assignments.count == 1)
    }
}
