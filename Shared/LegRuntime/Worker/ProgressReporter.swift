// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// Repeats reports at an interval while there are any, from a thread of its own: work that blocks the pool of tasks
/// must not look like a dead process.
final class ProgressReporter: Sendable {
    typealias Report = @Sendable () -> Void

    /// Work that is done sooner says so with its handoff: a report before would be read by many and tell nothing.
    private static let longestBeforeFirst = Duration.milliseconds(50)

    private struct Repeated {
        let report: Report
        var dueAt: ContinuousClock.Instant
    }

    private struct State {
        var reports: [Int: Repeated] = [:]
        /// When the thread looks again by itself; nil while it waits to be woken.
        var looksAt: ContinuousClock.Instant?
        var isStopped = false

        /// The reports that are due now; sets when the thread looks again.
        mutating func takeDue(every interval: Duration) -> [Report] {
            let now = ContinuousClock.now
            var due: [Report] = []
            for (id, repeated) in reports where repeated.dueAt <= now {
                due.append(repeated.report)
                reports[id]?.dueAt = now + interval
            }
            looksAt = reports.values.map(\.dueAt).min()
            return due
        }
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

    /// Reports soon, and then at every interval until `end`.
    func begin(_ id: Int, _ report: @escaping Report) {
        let dueAt = ContinuousClock.now + min(interval, Self.longestBeforeFirst)
        let isSooner = state.withLock { state in
            state.reports[id] = Repeated(report: report, dueAt: dueAt)
            return state.looksAt.map { dueAt < $0 } ?? true
        }
        if isSooner { wake.signal() }
    }

    /// Reports no more.
    func end(_ id: Int) { state.withLock { _ = $0.reports.removeValue(forKey: id) } }

    /// Ends the thread.
    func stop() {
        state.withLock { $0.isStopped = true }
        wake.signal()
    }

    private func loop() {
        while true {
            let (due, looksAt, isStopped) = state.withLock { state in
                (state.takeDue(every: interval), state.looksAt, state.isStopped)
            }
            if isStopped { return }
            for report in due { report() }
            guard let looksAt else {
                wake.wait()
                continue
            }
            let pause = looksAt - ContinuousClock.now
            let nanoseconds = pause.components.seconds * 1_000_000_000 + pause.components.attoseconds / 1_000_000_000
            _ = wake.wait(timeout: .now() + .nanoseconds(Int(max(0, nanoseconds))))
        }
    }
}
