// SPDX-License-Identifier: Apache-2.0

import Digest
import Testing

@testable import Baton

/// Runs one baton through the rules and keeps what they order.
struct Track {
    let race = Race()
    let id = BatonID(source: "test", id: "1")
    var now = Timestamp(milliseconds: 1_000_000)
    var state: BatonState?
    var commands: [RaceCommand] = []

    @discardableResult
    mutating func take(_ event: RaceEvent) -> [RaceCommand] {
        now = now + .milliseconds(10)
        let result = race.apply(event, to: state, of: id, now: now)
        state = result.state
        commands += result.commands
        return result.commands
    }

    mutating func request() { take(.requested(.sample, source: "test", id: "1")) }

    /// Answers the attempt that is out.
    @discardableResult
    mutating func answer(_ change: (inout Handoff) -> Void = { _ in }) -> [RaceCommand] {
        guard let current = state?.current else { return [] }
        var handoff = Handoff.completed(id, current.duty, current.number, current.lane)
        change(&handoff)
        return take(.handedOff(handoff))
    }

    mutating func run(until duty: Duty) {
        request()
        while let current = state?.current, current.duty != duty { answer() }
    }

    func actions(_ some: [RaceCommand]? = nil) -> [JournalEntry.Action] {
        (some ?? commands).compactMap { if case .journal(let entry) = $0 { entry.action } else { nil } }
    }

    func assignments(_ some: [RaceCommand]? = nil) -> [Assignment] {
        (some ?? commands).compactMap { if case .assign(let assignment) = $0 { assignment } else { nil } }
    }

    func withdrawals(_ some: [RaceCommand]? = nil) -> [Assignment] {
        (some ?? commands).compactMap { if case .withdraw(let order) = $0 { order } else { nil } }
    }

    var releases: [ReleaseRecord.Status] {
        commands.compactMap { if case .release(let record) = $0 { record.status } else { nil } }
    }
}

@Suite("The rules of the race")
struct RaceTests {
    @Test("a baton crosses all duties in order and finishes")
    func course() {
        var track = Track()
        track.request()
        for duty in Duty.allCases {
            #expect(track.state?.current?.duty == duty)
            track.answer()
        }
        #expect(track.state?.ending == Ending(.finished))
        #expect(track.state?.hasEnded == true)
        #expect(track.state?.accepted.map(\.duty) == Duty.allCases)
        #expect(track.releases == [.live])
        #expect(track.actions().filter { $0 == .handoffAccepted }.count == Duty.allCases.count)
    }

    @Test("a request sent again is journalled and changes nothing")
    func duplicateRequest() {
        var track = Track()
        track.run(until: .verification)
        let before = track.state
        let commands = track.take(.requested(.sample, source: "test", id: "1"))
        #expect(track.state == before)
        #expect(track.actions(commands) == [.duplicateIgnored])
        #expect(track.assignments(commands).isEmpty)
    }

    @Test("another request under the same source and id is journalled as that, and changes nothing")
    func contradiction() {
        var track = Track()
        track.run(until: .verification)
        let before = track.state
        var other = ReleaseRequest.sample
        (other.model, other.parameters) = ("wine", ["a": .number(1)])
        let commands = track.take(.requested(other, source: "test", id: "1"))
        #expect(track.state == before)
        let reasons = commands.compactMap { if case .journal(let entry) = $0 { entry.reason } else { nil } }
        let place = "already at verification, attempt 1, primary lane"
        #expect(reasons == ["\(place); what it says of model, parameters is another request's"])
        #expect(ReleaseRequest.sample.differences(from: other, parameters: false) == ["model"])
    }

    @Test("a handoff that comes twice counts once")
    func duplicateHandoff() {
        var track = Track()
        track.run(until: .build)
        let handoff = Handoff.completed(track.id, .build, 1, .primary)
        track.take(.handedOff(handoff))
        let before = track.state
        let commands = track.take(.handedOff(handoff))
        #expect(track.state == before)
        #expect(track.actions(commands) == [.handoffSuperseded])
    }

    @Test("a stall sends the fallback lane, and the first runner's late handoff has no effect")
    func takeover() throws {
        var track = Track()
        track.run(until: .build)
        let key = try #require(track.state?.currentKey)
        let commands = track.take(.stalled(key))
        #expect(track.actions(commands) == [.takeoverOrdered, .assigned])
        let assignment = try #require(track.assignments(commands).first)
        #expect(assignment.lane == .fallback)
        #expect(assignment.attempt == 2)
        let before = track.state
        let late = track.take(.handedOff(.completed(track.id, .build, 1, .primary)))
        #expect(track.state == before)
        #expect(track.actions(late) == [.handoffSuperseded])
        track.answer()
        #expect(track.state?.current?.duty == .verification)
        #expect(track.state?.accepted.last?.lane == .fallback)
    }

    @Test("news of an attempt that is no longer out changes nothing", arguments: [true, false])
    func oldNews(stalled: Bool) {
        var track = Track()
        track.run(until: .verification)
        let old = AttemptKey(baton: track.id, duty: .build, attempt: 1)
        let before = track.state
        let commands = track.take(stalled ? .stalled(old) : .deadlinePassed(old))
        #expect(track.state == before)
        #expect(commands.isEmpty)
    }

    @Test("a passed deadline sends the other lane with a new deadline")
    func deadline() throws {
        var track = Track()
        track.run(until: .rollout)
        let first = try #require(track.state?.current)
        track.take(.deadlinePassed(try #require(track.state?.currentKey)))
        let second = try #require(track.state?.current)
        #expect(second.lane == .fallback)
        #expect(second.firstAssignedAt == first.firstAssignedAt)
        #expect(second.deadline > first.deadline)
    }

    @Test("one retryable failure is tried again in the same lane, the second sends the other")
    func retries() {
        var track = Track()
        track.run(until: .build)
        track.answer { $0.fail("disk full", retryable: true) }
        #expect(track.state?.current?.lane == .primary)
        #expect(track.state?.current?.number == 2)
        let commands = track.answer { $0.fail("disk full", retryable: true) }
        #expect(track.actions(commands) == [.takeoverOrdered, .assigned])
        #expect(track.state?.current?.lane == .fallback)
    }

    @Test("a failure that no retry can mend drops the baton with its reason, after the books are closed")
    func drop() throws {
        var track = Track()
        track.run(until: .build)
        let commands = track.answer { $0.fail("stage train exited with 1", retryable: false) }
        let closing = try #require(track.assignments(commands).first)
        #expect(closing.duty == .closing)
        #expect(closing.ending == Ending(.dropped, reason: "build: stage train exited with 1"))
        track.answer()
        #expect(track.state?.hasEnded == true)
        #expect(track.state?.ending?.kind == .dropped)
        #expect(track.releases.isEmpty)
    }

    @Test("what a failing leg learned is kept")
    func learned() {
        var track = Track()
        track.run(until: .verification)
        track.answer {
            $0.results.verification = Verification(gates: [.init(name: "golden", passed: false, detail: "off by 1")])
            $0.fail("golden", retryable: false)
        }
        #expect(track.state?.results.verification?.gates.first?.passed == false)
    }

    @Test("a refused admission ends at once: no books were opened")
    func refusedAdmission() {
        var track = Track()
        track.request()
        track.answer {
            $0.outcome = .refused
            $0.reason = "unknown requester"
            $0.results = Results()
        }
        #expect(track.state?.hasEnded == true)
        #expect(track.state?.ending == Ending(.refused, reason: "unknown requester"))
    }

    @Test("a release that fails after it went live is withdrawn", arguments: [Duty.rollout, .watch])
    func rollback(duty: Duty) {
        var track = Track()
        track.run(until: duty)
        track.answer { $0.fail("drifted", retryable: false) }
        #expect(track.releases == [.live, .withdrawn])
        #expect(track.state?.isLive == false)
        #expect(track.state?.current?.duty == .closing)
    }

    @Test("a release that a newer one outran ends at once as superseded: withdrawn, without another attempt")
    func superseded() throws {
        let newer = BatonID(source: "test", id: "2")
        var track = Track()
        track.run(until: .rollout)
        let commands = track.answer {
            $0.fail("superseded by \(newer), which was asked for later", retryable: false)
            $0.supersededBy = newer
        }
        let ending = Ending(supersededBy: newer)
        #expect(track.releases == [.live, .withdrawn])
        #expect(track.assignments(commands).map(\.duty) == [.closing])
        #expect(track.assignments(commands).first?.ending == ending)
        #expect(track.actions(commands) == [.handoffAccepted, .releaseWithdrawn, .assigned])
        track.answer { $0.fail("no ledger", retryable: false) }
        #expect(track.state?.ending?.supersededBy == newer)
        #expect(track.state?.summary.hasPrefix("superseded by \(newer), which was asked for later; the books") == true)
        let ended = track.commands.compactMap { if case .journal(let entry) = $0 { entry } else { nil } }.last
        #expect(ended?.action == .ended && ended?.reason == track.state?.ending?.sentence)
        // All that an older reader knows of it.
        #expect(ending.kind == .dropped && ending.reason?.contains("\(newer)") == true)
    }

    @Test("the record of a release says when it was asked for, and what verification found that its lane takes")
    func releaseRecord() {
        let interface = ModelInterface(
            inputs: [.init(name: "input", datatype: "FP32", shape: [-1, 2])],
            outputs: [.init(name: "predict", datatype: "FP32", shape: [-1])])
        var track = Track()
        track.run(until: .verification)
        track.answer { $0.results.verification?.interface = interface }
        track.answer()
        track.answer {
            $0.fail("dead lanes", retryable: false)
            $0.results = Results()
        }
        let records = track.commands.compactMap { if case .release(let record) = $0 { record } else { nil } }
        #expect(records.map(\.status) == [.live, .withdrawn])
        #expect(records.allSatisfy { $0.requestedAt == track.state?.requestedAt && $0.interface == interface })
        #expect(records.map(\.servedSince) == [nil, nil])
        var watched = Track()
        watched.run(until: .watch)
        watched.answer { $0.fail("drifted", retryable: false) }
        let last = watched.commands.compactMap { if case .release(let record) = $0 { record } else { nil } }.last
        #expect(last?.servedSince != nil && last?.servedSince == watched.state?.results.rollout?.liveSince)
    }

    @Test("a leg that no attempt can do drops the baton, and calls its last runner off")
    func exhausted() throws {
        var track = Track()
        track.run(until: .verification)
        for _ in 1..<track.race.policy.attempts { track.take(.stalled(try #require(track.state?.currentKey))) }
        #expect(track.state?.current?.duty == .verification)
        let last = try #require(track.state?.currentKey)
        let commands = track.take(.stalled(last))
        #expect(track.withdrawals(commands).map(\.attempt) == [last.attempt + 1])
        #expect(track.state?.ending?.kind == .dropped)
        track.take(.deadlinePassed(last))
        #expect(track.state?.current?.duty == .closing)
    }

    @Test("books that cannot be closed do not hold the baton, and the end says so")
    func unclosedBooks() {
        var track = Track()
        track.run(until: .closing)
        track.answer { $0.fail("no ledger", retryable: false) }
        #expect(track.state?.hasEnded == true)
        #expect(track.state?.ending?.reason?.contains("the books could not be closed") == true)
    }

    @Test("a completed handoff without its result is a failure")
    func emptyHandoff() {
        var track = Track()
        track.run(until: .build)
        track.answer { $0.results = Results() }
        #expect(track.state?.ending?.kind == .dropped)
    }

    @Test("a handoff of a baton that nobody knows is journalled and makes none")
    func unknownBaton() {
        var track = Track()
        let commands = track.take(.handedOff(.completed(track.id, .build, 1, .primary)))
        #expect(track.state == nil)
        #expect(track.actions(commands) == [.handoffSuperseded])
    }

    @Test("later attempts get more patience, up to a bound")
    func patience() {
        let policy = RacePolicy()
        #expect((1...6).map { policy.silence(ofAttempt: $0) } == [1, 2, 4, 8, 10, 10].map { .seconds($0) })
    }
}
