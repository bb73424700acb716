// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Serving

@Suite("The life of a lane")
struct LaneLifeTests {
    @Test("processor time is read behind a program's name, whatever the name holds")
    func processorTime() {
        let line = "42 (a) b (c) S 1 42 42 0 -1 4194304 1 0 0 0 150 50 0 0 20 0 1 0 100"
        #expect(ProcessorTime.parse(line) == .seconds(2))
        #expect(ProcessorTime.parse("nonsense") == nil)
        #expect(ProcessorTime.of(-1) == nil)
    }

    @Test("a lane that keeps dying is started again after longer and longer waits")
    func restartDelay() {
        var restart = LaneRestartDelay()
        #expect(restart.delay == .zero)
        restart.failed()
        #expect(restart.delay == .milliseconds(100))
        restart.ran(for: .seconds(1))
        #expect(restart.delay == .milliseconds(200))
        for _ in 0..<20 { restart.failed() }
        #expect(restart.delay == .seconds(30))
        restart.ran(for: .seconds(60))
        #expect(restart.delay == .zero)
    }
}
