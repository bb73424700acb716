// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Kafka
import TestSupport
import Testing

@testable import Judge
@testable import JudgeRules
@testable import RelayClients

extension JudgeHistory {
    /// Any race: duplicates, failures, stalls, late answers, cancellations, nonsense in between.
    static func random(_ seed: UInt64, batons: Int = 4) -> JudgeHistory {
        var generator = SeededGenerator(seed: seed)
        var history = JudgeHistory()
        var late: [Handoff] = []
        let ids = (0..<batons).map { history.request("\(seed)-\($0)") }
        for _ in 0..<120 {
            let number = Int.random(in: 0..<batons, using: &generator)
            let baton = ids[number]
            switch Int.random(in: 0..<24, using: &generator) {
            case 0: history.request("\(seed)-\(number)")
            case 1: if Bool.random(using: &generator) { history.nonsense() } else { history.hugeNonsense() }
            case 2: history.brokenAssignment()
            case 3, 4:
                if let handoff = history.handoff(baton) { late.append(handoff) }
                history.stall(baton)
            case 5, 6:
                history.answer(baton) { ($0.outcome, $0.reason, $0.retryable) = (.failed, "broken", true) }
            case 7 where Bool.random(using: &generator):
                history.answer(baton) { ($0.outcome, $0.reason) = (.failed, "broken for good") }
            case 8 where Bool.random(using: &generator):
                history.answer(baton) { ($0.outcome, $0.reason, $0.results) = (.refused, "no", Results()) }
            case 9 where Bool.random(using: &generator): history.cancel(baton)
            case 10, 11: if !late.isEmpty { history.give(late.removeFirst()) }
            case 13 where Bool.random(using: &generator): history.expire(baton)
            case 12: if history.states[baton]?.isLive == true { history.predict(baton) }
            default: history.answer(baton)
            }
        }
        for handoff in late { history.give(handoff) }
        for baton in ids { history.finish(baton) }
        return history
    }

    /// All that the seeded violations need: a race with a takeover and a late answer, one that was refused, one that
    /// was called off while live, a duplicate, nonsense, and one that is still at its build.
    struct Cast: Sendable {
        var history: JudgeHistory
        let finished, refused, cancelled, running: BatonID
        /// The answer that came after its attempt was given up.
        let late: Handoff

        init() throws {
            var race = JudgeHistory()
            finished = race.request("finished")
            race.request("finished")
            race.finish(finished, until: .build)
            late = try #require(race.handoff(finished))
            race.stall(finished)
            race.answer(finished) { ($0.outcome, $0.reason, $0.retryable) = (.failed, "disk full", true) }
            race.answer(finished)
            race.give(late)
            race.finish(finished, until: .watch)
            race.predict(finished)
            race.predict(finished)
            race.finish(finished)
            refused = race.request("refused")
            race.finish(refused, until: .approval)
            race.answer(refused) { ($0.outcome, $0.reason, $0.results) = (.refused, "too dear", Results()) }
            race.finish(refused)
            cancelled = race.request("cancelled")
            race.finish(cancelled, until: .watch)
            race.cancel(cancelled)
            race.finish(cancelled)
            running = race.request("running")
            race.finish(running, until: .build)
            race.nonsense()
            race.brokenAssignment()
            history = race
        }

        var topics: Topics { history.world.topics }
    }
}

@Suite("Legal histories")
struct JudgeLegalTests {
    @Test("give no violation and leave nothing open, however they are read", arguments: 0..<20)
    func random(seed: UInt64) {
        let history = JudgeHistory.random(seed)
        for order in [seed, seed + 1000] {
            for judgement in history.world.judgements(seed: order) {
                #expect(judgement.verdict.violations == [], "\(judgement.rule)")
                #expect(judgement.verdict.open == 0, "\(judgement.rule)")
            }
        }
    }

    @Test("a release that a newer one outran is legal, and told")
    func superseded() {
        var history = JudgeHistory()
        let (older, newer) = (history.request("older"), history.request("newer"))
        history.finish(newer, until: .rollout)
        history.finish(older, until: .rollout)
        history.answer(older) { ($0.outcome, $0.results, $0.supersededBy) = (.failed, Results(), newer) }
        history.finish(older)
        history.finish(newer)
        let judgements = history.world.judgements()
        for judgement in judgements { #expect(judgement.verdict.violations == [], "\(judgement.rule)") }
        let note = judgements.first { $0.rule == ReleasesRule.name }?.verdict.note
        #expect(note == "1 models live, 1 superseded by newer ones")
    }

    @Test("every rule has looked at something")
    func looked() throws {
        for judgement in try JudgeHistory.Cast().history.world.judgements() where judgement.rule != ScreenRule.name {
            #expect(judgement.verdict.looked > 0, "\(judgement.rule)")
            #expect(judgement.verdict.violations == [])
        }
    }

    @Test("a baton that is out is still to end, and is no violation within its bound")
    func open() throws {
        let judgements = try JudgeHistory.Cast().history.world.judgements()
        #expect(judgements.first { $0.rule == EndingsRule.name }?.verdict.open == 1)
    }

    @Test("a baton that began before what is kept is not asked for its history")
    func forgotten() throws {
        var world = try JudgeHistory.Cast().history.world
        let journal = world.topics.journal
        // The oldest half of every partition of the journal is gone.
        var firsts: [Place] = []
        for partition in 0..<JudgeWorld.partitions {
            let indices = world.records.indices.filter {
                world.records[$0].topic == journal && world.records[$0].partition == partition
            }
            guard indices.count > 1 else { continue }
            for index in indices.prefix(indices.count / 2).reversed() { world.remove(index) }
            let left = try #require(world.records.first { $0.topic == journal && $0.partition == partition })
            firsts.append(world.place(left))
        }
        #expect(!world.violations().isEmpty)
        #expect(world.judgements(forgotten: firsts).flatMap(\.verdict.violations) == [])
    }

    @Test("what was written with a record behind the cut is not missed")
    func cut() throws {
        let cast = try JudgeHistory.Cast()
        var judge = RuleSet()
        let reader = SeenRecords(topics: cast.history.world.topics)
        var ends: [Cut.Partition: Int64] = [:]
        for record in cast.history.world.records where record.topic != cast.history.world.topics.journal {
            if let fact = reader.fact(record, seenAt: cast.history.world.now) { judge.observe(fact) }
        }
        // No decision was read, so all that must go with one is missing, unless none of it is asked about.
        let later = cast.history.world.now + .seconds(600)
        #expect(judge.judgements(at: later).contains { !$0.verdict.violations.isEmpty })
        for channel in Channel.allCases {
            for partition in 0..<JudgeWorld.partitions {
                ends[Cut.Partition(channel: channel, partition: partition)] = 0
            }
        }
        let beyond = judge.judgements(at: later, cut: Cut(ends: ends)).flatMap(\.verdict.violations)
        #expect(beyond == [])
    }
}
