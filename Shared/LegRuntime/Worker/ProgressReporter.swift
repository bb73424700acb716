// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// Repeats reports at an interval while there are any, from a thread of its own: work that blocks the pool of tasks
/// must not look like a dead process.
final class ProgressReporter: Sendable {
    typealias Report = @Sendable () -> Void

    private struct State {
        var reports: [Int: Report] = [:]
        var isStopped = false
    }

    private let interval: Duration
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    init(interval: Duration) {
        self.interval = interval
    }

    /// Starts the thread; `stop` ends it.
    func start() {
        let thread = Thread { [self] in loop() }
        thread.name = "progress"
        thread.start()
    }

    /// Reports now, and then at every interval until `end`.
    func begin(_ id: Int, _ report: @escaping Report) {
        report()
        let isFirst = state.withLock { state in
            state.reports[id] = report
            return state.reports.count == 1
        }
        if isFirst { wake.signal() }
    }

    /// Reports no more.
    func end(_ id: Int) { state.withLock { _ = $0.reports.removeValue(forKey: id) } }

    /// Ends the thread.
    func stop() {
        state.withLock { $0.isStopped = true }
        wake.signal()
    }

    private func loop() {
        var next = ContinuousClock.now
        while true {
            let (reports, isStopped) = state.withLock { (Array($0.reports.values), $0.isStopped) }
            if isStopped { return }
            guard !reports.isEmpty else {
                wake.wait()
                next = ContinuousClock.now + interval
                continue
            }
            let now = ContinuousClock.now
            if now >= next {
                for report in reports { report() }
                next = now + interval
            }
            let pause = next - ContinuousClock.now
            let nanoseconds = pause.components.seconds * 1_000_000_000 + pause.components.attoseconds / 1_000_000_000
            _ = wake.wait(timeout: .now() + .nanoseconds(Int(max(0, nanoseconds))))
        }
    }
}
