// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Testing

@testable import CaptainRace

@Suite("The captain's patience")
struct StallTests {
    private func progress(
        of assignment: Assignment, lane: RaceLane? = nil, isHeldUp: Bool? = nil
    ) -> ProducerRecord {
        Progress(
            baton: assignment.baton, duty: assignment.duty, attempt: assignment.attempt,
            lane: lane ?? assignment.lane, worker: "w", fraction: 0.5, note: "at it", at: moment, isHeldUp: isHeldUp
        ).record(on: topics.progress, assignment.baton)
    }

    @Test("silence of one second sends the fallback lane, and not before")
    func silence() {
        var rounds = Rounds()
        _ = rounds.request()
        #expect(rounds.pass(.milliseconds(900)).isEmpty)
        let outputs = rounds.round()
        #expect(outputs.actions == [.takeoverOrdered, .assigned])
        #expect(outputs.assignments.first?.lane == .fallback)
    }

    @Test("reports of the attempt keep it going; reports of another lane do not")
    func reports() throws {
        var rounds = Rounds()
        let assignment = try #require(rounds.request().assignments.first)
        for _ in 0..<30 { #expect(rounds.round([progress(of: assignment)], progressEnds: [0: 999]).isEmpty) }
        var outputs: [ProducerRecord] = []
        for _ in 0..<12 { outputs += rounds.round([progress(of: assignment, lane: .fallback)]) }
        #expect(outputs.actions == [.takeoverOrdered, .assigned])
    }

    @Test("a second attempt gets twice the patience")
    func patience() {
        var rounds = Rounds()
        _ = rounds.request()
        _ = rounds.pass(.seconds(1))
        #expect(rounds.pass(.milliseconds(1900)).isEmpty)
        #expect(rounds.pass(.milliseconds(200)).actions == [.takeoverOrdered, .assigned])
    }

    @Test("time in which the captain itself was frozen is nobody's silence", arguments: [2, 30, 3600])
    func frozen(seconds: Int) {
        var rounds = Rounds()
        _ = rounds.request()
        _ = rounds.pass(.milliseconds(500))
        // Deadlines are times of day and pass all the same; this one is far off.
        let outputs = rounds.round(after: .seconds(min(seconds, 50)))
        #expect(outputs.isEmpty)
        #expect(rounds.pass(.milliseconds(300)).isEmpty)
        #expect(rounds.pass(.milliseconds(300)).actions == [.takeoverOrdered, .assigned])
    }

    @Test("a clock that is set back delays nothing and hurries nothing")
    func setBack() {
        var rounds = Rounds()
        _ = rounds.request()
        _ = rounds.pass(.milliseconds(500))
        #expect(rounds.round(after: .seconds(-100)).isEmpty)
        #expect(rounds.pass(.milliseconds(600)).actions == [.takeoverOrdered, .assigned])
    }

    @Test("a captain that is always slow still notices silence in the end")
    func slow() {
        var rounds = Rounds()
        _ = rounds.request()
        var outputs: [ProducerRecord] = []
        for _ in 0..<11 { outputs += rounds.round(after: .milliseconds(700)) }
        #expect(outputs.actions == [.takeoverOrdered, .assigned])
    }

    @Test("while the broker does not answer nobody is given up, and afterwards patience begins anew")
    func deaf() {
        var rounds = Rounds()
        _ = rounds.request()
        #expect(rounds.pass(.seconds(5), progressEnds: nil).isEmpty)
        #expect(rounds.pass(.milliseconds(500)).isEmpty)
        #expect(!rounds.pass(.milliseconds(600)).isEmpty)
    }

    @Test("while reports are still unread nobody is given up, but not for ever")
    func behind() {
        var rounds = Rounds()
        _ = rounds.request()
        #expect(rounds.pass(.seconds(10), progressEnds: [0: 100]).isEmpty)
        #expect(rounds.pass(.seconds(2), progressEnds: [0: 100]).actions == [.takeoverOrdered, .assigned])
    }

    @Test("a passed deadline sends the other lane although the runner reports")
    func deadline() throws {
        var rounds = Rounds()
        let assignment = try #require(rounds.request().assignments.first)
        var outputs: [ProducerRecord] = []
        for _ in 0..<151 where outputs.isEmpty {
            outputs += rounds.round([progress(of: assignment)], after: .milliseconds(400))
        }
        #expect(outputs.actions == [.takeoverOrdered, .assigned])
        #expect(rounds.now >= assignment.deadline)
    }

    @Test("a runner that waits for what somebody has to mend is not held to its deadline, while it says so")
    func heldUp() throws {
        var rounds = Rounds()
        let assignment = try #require(rounds.request().assignments.first)
        while rounds.now < assignment.deadline + .seconds(3600) {
            let outputs = rounds.round([progress(of: assignment, isHeldUp: true)], after: .seconds(1))
            try #require(outputs.isEmpty)
        }
        // A captain that takes over hears it before it decides.
        let state = try #require(rounds.committed.last { $0.topic == topics.batons })
        var next = Rounds(restored: [state.read(offset: 0)])
        next.now = rounds.now
        next.orchestrator.own(0, Share(records: [state.read(offset: 0)]), now: next.now)
        #expect(next.round().isEmpty)
        #expect(next.round([progress(of: assignment, isHeldUp: true)]).isEmpty)
        #expect(next.round([progress(of: assignment)]).actions == [.takeoverOrdered, .assigned])
    }

    @Test("called-off work has 2 s, then its books are closed without it")
    func calledOff() throws {
        var rounds = Rounds()
        _ = rounds.request()
        let cancelled = rounds.round([CancelRequest(baton: baton, by: "ann", reason: "x").record(topics, now: moment)])
        let order = try #require(cancelled.assignments.first)
        #expect(order.withdrawal != nil)
        #expect(rounds.pass(.milliseconds(1900)).isEmpty)
        #expect(rounds.pass(.milliseconds(100)).actions == [.decided, .ended])
    }

    @Test("restored runners get full patience")
    func restored() throws {
        var before = Rounds()
        _ = before.request()
        let state = try #require(before.committed.first { $0.topic == topics.batons })
        var after = Rounds(restored: [state.read(offset: 0)])
        #expect(after.pass(.milliseconds(900)).isEmpty)
        #expect(!after.pass(.milliseconds(200)).isEmpty)
    }

    @Test("time is watched from a request on, not before, and until the baton is home")
    func timing() {
        var rounds = Rounds()
        #expect(!rounds.orchestrator.hasBatonsOut)
        _ = rounds.request(commit: false)
        #expect(!rounds.orchestrator.hasBatonsOut)
        _ = rounds.request()
        #expect(rounds.orchestrator.hasBatonsOut)
        rounds.round([CancelRequest(baton: baton, by: "ann", reason: "x").record(topics, now: moment)])
        #expect(rounds.orchestrator.hasBatonsOut)
        _ = rounds.pass(.seconds(2))
        #expect(rounds.state(of: baton)?.hasEnded == true)
        #expect(!rounds.orchestrator.hasBatonsOut)
    }

    @Test("an aborted takeover is ordered again")
    func abortedTakeover() {
        var rounds = Rounds()
        _ = rounds.request()
        _ = rounds.pass(.milliseconds(900))
        #expect(!rounds.round(commit: false).isEmpty)
        #expect(rounds.pass(.milliseconds(1100)).actions == [.takeoverOrdered, .assigned])
    }
}
