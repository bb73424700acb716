// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Baton

@Suite("A baton that is called off")
struct WithdrawalTests {
    private static func cancelled(at duty: Duty) -> (track: Track, commands: [RaceCommand]) {
        var track = Track()
        track.run(until: duty)
        let commands = track.take(.cancelRequested(by: "ann", reason: "wrong data"))
        return (track, commands)
    }

    @Test(
        "calls the attempt that is out off, and gives it 2 s to say what it used", arguments: Duty.allCases.dropLast())
    func withdraws(duty: Duty) throws {
        let (track, commands) = Self.cancelled(at: duty)
        let order = try #require(track.withdrawals(commands).first)
        #expect(order.duty == duty)
        #expect(order.attempt == 2)
        #expect(order.withdrawal?.reason == "cancelled: ann: wrong data")
        #expect(track.assignments(commands).isEmpty)
        #expect(track.state?.current?.duty == duty)
        #expect(track.state?.current?.deadline == track.now + .seconds(2))
        #expect(track.state?.isWithdrawing == true)
        #expect(track.state?.summary.hasPrefix("withdrawing \(duty.rawValue), attempt 1, primary lane") == true)
    }

    @Test("closes its books with what the work says that it used")
    func told() throws {
        var (track, _) = Self.cancelled(at: .build)
        let usage = Usage(
            id: "u", resource: .cpuSeconds, amount: 1, baton: track.id, leg: .pipeline, measuredAt: track.now)
        let commands = track.answer {
            $0.fail("ended, because it was called off", retryable: false)
            $0.usage = [usage]
        }
        #expect(track.actions(commands) == [.handoffAccepted, .assigned])
        let closing = try #require(track.assignments(commands).first)
        #expect(closing.duty == .closing)
        #expect(closing.usage == ["u"])
        #expect(closing.ending == Ending(.cancelled, reason: "ann: wrong data"))
        track.answer()
        #expect(track.state?.ending == Ending(.cancelled, reason: "ann: wrong data"))
        #expect(track.state?.hasEnded == true)
        #expect(track.take(.cancelRequested(by: "ann", reason: "again")).isEmpty)
    }

    @Test("does not go on when the work is done all the same", arguments: Duty.allCases.dropLast())
    func finishedMeanwhile(duty: Duty) {
        var (track, _) = Self.cancelled(at: duty)
        let wasLive = track.releases.contains(.live)
        let commands = track.answer()
        #expect(track.actions(commands) == [.handoffAccepted, .assigned])
        #expect(track.assignments(commands).map(\.duty) == [.closing])
        #expect(track.releases.contains(.live) == wasLive)
        #expect(track.state?.isLive == false)
    }

    @Test("closes its books after 2 s when nobody says what was used, and a later word changes nothing")
    func untold() throws {
        var (track, _) = Self.cancelled(at: .build)
        let key = try #require(track.state?.currentKey)
        #expect(track.take(.stalled(key)).isEmpty)
        let commands = track.take(.deadlinePassed(key))
        #expect(track.actions(commands) == [.decided, .assigned])
        #expect(track.state?.current?.duty == .closing)
        let late = track.take(.handedOff(.completed(track.id, .build, 1, .primary)))
        #expect(track.actions(late) == [.handoffSuperseded])
    }

    @Test("ends without books that were never opened")
    func beforeAdmission() throws {
        var (track, _) = Self.cancelled(at: .admission)
        track.answer {
            $0.fail("ended, because it was called off", retryable: false)
            $0.results = Results()
        }
        #expect(track.state?.hasEnded == true)
        #expect(track.state?.ending?.kind == .cancelled)
    }

    @Test("takes its live release off traffic at once", arguments: [Duty.rollout, .watch, .closing])
    func live(duty: Duty) {
        let (track, _) = Self.cancelled(at: duty)
        #expect(track.releases == [.live, .withdrawn])
        #expect(track.state?.isLive == false)
    }

    @Test("has its books closed once, though they are being closed already")
    func whileClosing() {
        var (track, commands) = Self.cancelled(at: .closing)
        #expect(track.withdrawals(commands).isEmpty)
        #expect(track.assignments(commands).isEmpty)
        track.answer()
        #expect(track.state?.ending == Ending(.cancelled, reason: "ann: wrong data"))
        #expect(track.state?.results.closing != nil)
    }

    @Test("calls off the attempt that took over, in either lane")
    func afterTakeover() throws {
        var track = Track()
        track.run(until: .build)
        track.take(.stalled(try #require(track.state?.currentKey)))
        let order = try #require(track.withdrawals(track.take(.cancelRequested(by: "ann", reason: "x"))).first)
        #expect((order.attempt, order.lane, order.addressedLane) == (3, .fallback, .primary))
        let late = track.take(.handedOff(.completed(track.id, .build, 1, .primary)))
        #expect(track.actions(late) == [.handoffSuperseded])
        #expect(track.state?.isWithdrawing == true)
    }

    @Test(
        "whatever happens, in any order: is called off once, goes on with nothing, and keeps how it ends",
        arguments: 0..<200)
    func anyOrder(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var track = Track()
        track.request()
        for _ in 0..<Int.random(in: 0..<30, using: &generator) { track.take(RaceProperties.event(track, &generator)) }
        guard track.state?.ending == nil else { return }
        track.take(.cancelRequested(by: "ann", reason: "wrong data"))
        let from = track.commands.count
        for _ in 0..<60 {
            let before = track.state
            track.take(RaceProperties.event(track, &generator))
            #expect(track.state?.ending?.kind == .cancelled)
            #expect(track.state?.isLive == false)
            if before?.isWithdrawing == false { #expect(track.state?.isWithdrawing == false) }
        }
        #expect(track.withdrawals().count <= 1)
        #expect(track.assignments(Array(track.commands[from...])).allSatisfy { $0.duty == .closing })
        #expect(track.actions(Array(track.commands[from...])).filter { $0 == .releaseLive }.isEmpty)
    }
}

@Suite("The order that calls work off")
struct WithdrawalOrderTests {
    private static let order: Assignment = {
        let moment = Timestamp(milliseconds: 5)
        return Assignment(
            baton: BatonID(source: "test", id: "1"), duty: .build, attempt: 2, lane: .primary, assignedAt: moment,
            firstAssignedAt: moment, deadline: moment, request: .sample, results: Results(), usage: [], ending: nil,
            withdrawal: .init(reason: "cancelled: ann: wrong data"))
    }()

    private static var event: CloudEvent {
        var event = order.event(id: "\(order.key)", source: "captain", subject: nil, time: order.assignedAt)
        for (name, value) in order.addressAttributes { event.extensions[name] = value }
        return event
    }

    /// What a worker of the last release makes of an order: its lane by the address, else by the data.
    private func isPassedOver(by lane: RaceLane) throws -> Bool {
        let event = Self.event
        let address = try #require(Assignment.Address(event))
        if address.lane != lane { return true }
        return try Assignment.read(event).lane != lane
    }

    @Test(
        "is passed over by the last release's workers of both lanes, who drop older attempts",
        arguments: RaceLane.allCases)
    func lastRelease(lane: RaceLane) throws {
        #expect(try isPassedOver(by: lane))
    }

    @Test("says in its address that it is no work")
    func address() throws {
        var event = Self.event
        #expect(Assignment.Address(event)?.isWithdrawal == true)
        event.extensions[Assignment.Address.withdrawalAttribute] = nil
        #expect(Assignment.Address(event)?.isWithdrawal == false)
    }
}
