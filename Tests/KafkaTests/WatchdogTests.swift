// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Kafka

@Suite("Watchdog of calls", .timeLimit(.minutes(1)))
struct WatchdogTests {
    @Test("a call that takes longer than it may is told of once, and a call that has returned is not")
    func overdue() async {
        let watchdog = Watchdog()
        let told = Mutex<[String]>([])
        let returned = watchdog.begin(until: .now + .milliseconds(10)) { told.withLock { $0.append("returned") } }
        watchdog.end(returned)
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        _ = watchdog.begin(until: .now + .milliseconds(30)) {
            told.withLock { $0.append("overdue") }
            end.finish()
        }
        for await _ in ends {}
        #expect(told.withLock { $0 } == ["overdue"])
    }

    @Test("calls that overlap are each told of in their time, whichever began first")
    func overlapping() async {
        let watchdog = Watchdog()
        let (tellings, tell) = AsyncStream.makeStream(of: String.self)
        _ = watchdog.begin(until: .now + .milliseconds(60)) {
            tell.yield("late")
            tell.finish()
        }
        _ = watchdog.begin(until: .now + .milliseconds(20)) { tell.yield("early") }
        var told: [String] = []
        for await name in tellings { told.append(name) }
        #expect(told == ["early", "late"])
    }
}
