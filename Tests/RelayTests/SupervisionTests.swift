// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Relay

@Suite("Keeping processes alive")
struct SupervisionTests {
    @Test("a process that ends is started again at once")
    func atOnce() {
        var supervision = Supervision()
        #expect(supervision.ended(afterLiving: .seconds(60), exitCode: nil, how: "signal 9") == .restart(after: .zero))
    }

    @Test("one that keeps ending is started again later and later, and then given up")
    func backOff() {
        var supervision = Supervision()
        var delays: [Duration] = []
        for _ in 1..<Supervision.quickEnds {
            guard
                case .restart(let delay) = supervision.ended(afterLiving: .seconds(1), exitCode: 1, how: "exit code 1")
            else { return #expect(Bool(false), "given up early") }
            delays.append(delay)
        }
        #expect(delays == [0, 100, 200, 400, 800, 1600, 2000].map { .milliseconds($0) })
        guard case .giveUp(let reason) = supervision.ended(afterLiving: .seconds(1), exitCode: 1, how: "exit code 1")
        else { return #expect(Bool(false), "not given up") }
        #expect(reason.contains("exit code 1"))
    }

    @Test("a healthy life in between forgives what went before")
    func forgiveness() {
        var supervision = Supervision()
        for _ in 0..<5 { _ = supervision.ended(afterLiving: .seconds(1), exitCode: 1, how: "") }
        #expect(supervision.ended(afterLiving: .seconds(30), exitCode: 1, how: "") == .restart(after: .zero))
    }

    @Test("a wrong configuration is given up at once")
    func configuration() {
        var supervision = Supervision()
        guard case .giveUp = supervision.ended(afterLiving: .seconds(1), exitCode: 64, how: "exit code 64")
        else { return #expect(Bool(false), "started again") }
    }
}
