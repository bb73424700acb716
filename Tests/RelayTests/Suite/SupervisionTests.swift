// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RelaySupervisor

@Suite("Keeping processes alive")
struct SupervisionTests {
    @Test("a process that ends is started again at once")
    func atOnce() {
        var supervision = Supervision()
        #expect(
            supervision.ended(afterLiving: .seconds(60), exitCode: nil, how: "signal 9", hasStarted: false)
                == .restart(after: .zero))
    }

    @Test("one that keeps ending is started again later and later, and then given up")
    func backOff() {
        var supervision = Supervision()
        var delays: [Duration] = []
        for _ in 1..<Supervision.quickEnds {
            guard
                case .restart(let delay) = supervision.ended(
                    afterLiving: .seconds(1), exitCode: 1, how: "exit code 1", hasStarted: false)
            else { return #expect(Bool(false), "given up early") }
            delays.append(delay)
        }
        #expect(delays == [0, 100, 200, 400, 800, 1600, 2000].map { .milliseconds($0) })
        guard
            case .giveUp(let reason) = supervision.ended(
                afterLiving: .seconds(1), exitCode: 1, how: "exit code 1", hasStarted: false)
        else { return #expect(Bool(false), "not given up") }
        #expect(reason.contains("exit code 1"))
    }

    @Test("a healthy life in between forgives what went before")
    func forgiveness() {
        var supervision = Supervision()
        for _ in 0..<5 { _ = supervision.ended(afterLiving: .seconds(1), exitCode: 1, how: "", hasStarted: false) }
        #expect(
            supervision.ended(afterLiving: .seconds(30), exitCode: 1, how: "", hasStarted: false)
                == .restart(after: .zero))
    }

    @Test("a wrong configuration is given up at once")
    func configuration() {
        var supervision = Supervision()
        guard
            case .giveUp = supervision.ended(
                afterLiving: .seconds(1), exitCode: 64, how: "exit code 64", hasStarted: false)
        else { return #expect(Bool(false), "started again") }
    }

    @Test("once the relay has started nothing is given up: it rests, and is tried again", arguments: [1, 64])
    func restsLater(exitCode: Int) {
        var supervision = Supervision()
        var decision = Supervision.Decision.restart(after: .zero)
        for _ in 0..<Supervision.quickEnds + 3 {
            decision = supervision.ended(
                afterLiving: .seconds(1), exitCode: exitCode, how: "exit code \(exitCode)", hasStarted: true)
        }
        guard case .restartLater(let rest, let reason) = decision else { return #expect(Bool(false), "\(decision)") }
        #expect(rest == .seconds(30))
        #expect(reason.contains("exit code \(exitCode)"))
        // A process that lives again starts afresh.
        let next = supervision.ended(afterLiving: .seconds(60), exitCode: 1, how: "", hasStarted: true)
        #expect(next == .restart(after: .zero))
    }
}
