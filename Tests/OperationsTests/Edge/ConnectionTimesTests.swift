// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Operations

@Suite("The time limits of a connection")
struct ConnectionTimesTests {
    private static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }
    private let opened = ConnectionTimes(EdgeLimits(), opened: .uptimeNanoseconds(0))

    private func due(_ times: ConnectionTimes) -> Int64? {
        times.deadline.map { ($0.at - Self.at(0)).nanoseconds / 1_000_000_000 }
    }

    @Test("the first head has 10 s from the opening, a body 30 s from its head, the next head 75 s from the answer")
    func course() {
        var times = opened
        #expect(due(times) == 10)
        times.headRead(Self.at(4))
        #expect(due(times) == 34)
        #expect(times.deadline?.expiry == .bodyTooSlow)
        times.requestRead(Self.at(5))
        #expect(due(times) == nil)
        times.answered(Self.at(100))
        #expect(due(times) == 175)
        #expect(times.deadline?.expiry == .silent)
    }

    @Test("a stream may take for ever, and what is sent behind its request changes nothing")
    func stream() {
        var times = opened
        times.headRead(Self.at(1))
        times.requestRead(Self.at(1))
        times.headRead(Self.at(2))
        times.requestRead(Self.at(2))
        #expect(due(times) == nil)
        times.answered(Self.at(3))
        #expect(due(times) == nil)
        #expect(times.unanswered == 1)
        times.answered(Self.at(9))
        #expect(due(times) == 84)
    }

    @Test("an answer before the body is whole leaves the body its time, and a body given up has none")
    func earlyAnswer() {
        var times = opened
        times.headRead(Self.at(1))
        times.answered(Self.at(2))
        #expect(due(times) == 31)
        times.bodyGivenUp()
        #expect(due(times) == nil)
        times.ending(Self.at(31))
        times.ending(Self.at(32))
        #expect(due(times) == 33)
        times.headRead(Self.at(33))
        #expect(due(times) == 33)
    }
}
