// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Testing

@testable import JudgeRules
@testable import RelayClients

/// One way to break a rule, put into a legal history.
struct JudgeForgery: Sendable, CustomTestStringConvertible {
    typealias Cast = JudgeHistory.Cast

    let rule: String
    let kind: String
    var measure = RuleSet.Strictness()
    /// Breaks it.
    /// - Returns: where that shows.
    let forge: @Sendable (inout Cast) throws -> Place

    init(
        _ rule: any Rule.Type, _ kind: String, measure: RuleSet.Strictness = RuleSet.Strictness(),
        _ forge: @escaping @Sendable (inout Cast) throws -> Place
    ) {
        self.rule = rule.name
        self.kind = kind
        self.measure = measure
        self.forge = forge
    }

    var testDescription: String { "\(rule)/\(kind)" }
}

extension JudgeHistory.Cast {
    /// An id that no baton has.
    static let stranger = BatonID(source: "ci", id: "stranger")

    /// Writes a decision of the captain's.
    mutating func decide(
        _ action: JournalEntry.Action, _ baton: BatonID, _ duty: Duty? = nil, _ attempt: Int? = nil,
        _ lane: RaceLane? = nil, actor: String = "captain", reason: String? = "why"
    ) -> Place {
        let entry = JournalEntry(
            id: "forged/\(history.world.records.count)", baton: baton, action: action, actor: actor, duty: duty,
            attempt: attempt, lane: lane, reason: reason, at: history.world.now)
        return history.world.write(entry, topics.journal, key: "\(baton)")
    }

    /// The first decision of a kind about a baton.
    func decision(
        _ action: JournalEntry.Action, _ baton: BatonID, _ duty: Duty? = nil
    ) throws -> (index: Int, payload: JournalEntry) {
        try history.world.first(JournalEntry.self, topics.journal) {
            $0.action == action && $0.baton == baton && (duty == nil || $0.duty == duty)
        }
    }

    /// Writes a record again.
    mutating func repeated(_ index: Int, partition: Int32? = nil) -> Place {
        let record = history.world.records[index]
        return history.world.write(
            record.topic, key: record.key.map { String(decoding: $0, as: UTF8.self) }, value: record.value,
            headers: record.headers, partition: partition ?? record.partition)
    }

    func lastState(_ baton: BatonID) throws -> (index: Int, payload: BatonState) {
        try history.world.last(BatonState.self, topics.batons) { $0.id == baton }
    }

    /// Changes what the last state of a baton says.
    mutating func changeState(_ baton: BatonID, _ change: (inout BatonState) -> Void) throws -> Place {
        history.world.change(try lastState(baton), change)
    }

    /// Writes another state of a baton after its last.
    mutating func nextState(
        _ baton: BatonID, partition: Int32? = nil, _ change: (inout BatonState) -> Void
    ) throws -> Place {
        var state = try lastState(baton).payload
        state.version += 1
        change(&state)
        return history.world.write(state, topics.batons, key: "\(baton)", partition: partition)
    }

    func release(_ baton: BatonID, _ status: ReleaseRecord.Status) throws -> (index: Int, payload: ReleaseRecord) {
        try history.world.first(ReleaseRecord.self, topics.releases) { $0.baton == baton && $0.status == status }
    }

    func assignment(_ baton: BatonID, _ duty: Duty) throws -> (index: Int, payload: Assignment) {
        try history.world.first(Assignment.self, topics.leg(duty.leg)) { $0.baton == baton && $0.duty == duty }
    }

    func handoff(_ baton: BatonID, _ duty: Duty, _ outcome: Handoff.Outcome = .completed) throws
        -> (index: Int, payload: Handoff)
    {
        try history.world.last(Handoff.self, topics.batonEvents) {
            $0.baton == baton && $0.duty == duty && $0.outcome == outcome && $0.key != late.key
        }
    }

    /// A good request on the inbox.
    mutating func send(_ id: String) -> Place {
        let event = CloudEvent(
            id: id, source: "ci", type: EventType.releaseRequested, data: JSON.encode(JudgeHistory.request()))
        return history.world.write(
            topics.inbox, key: id, value: event.data,
            headers: event.kafkaHeaders.map { KafkaHeader(name: $0.name, value: $0.value) })
    }

    /// The request as the intake passes it on.
    mutating func pass(_ id: String) -> Place {
        let request = BatonRequest(source: "ci", id: id, request: JudgeHistory.request())
        return history.world.write(request, topics.batonEvents, key: "\(request.baton)")
    }

    /// The entries of a chain.
    func entries(in partition: Int32) -> [Int] {
        history.world.records.indices.filter {
            history.world.records[$0].topic == topics.ledger && history.world.records[$0].partition == partition
        }
    }

    func entry(_ index: Int, in partition: Int32) throws -> Int {
        let entries = entries(in: partition)
        return try #require(entries.count > index ? entries[index] : nil)
    }

    /// The chain with a baton's decisions.
    func chain(_ baton: BatonID) -> Int32 { JudgeWorld.partition(of: "\(baton)") }

    /// Replaces text in a record's value.
    mutating func edit(_ index: Int, _ old: String, _ new: String) -> Place {
        history.world.change(index) { record in
            record.value = Array(String(decoding: record.value ?? [], as: UTF8.self).replacing(old, with: new).utf8)
        }
    }
}
