// SPDX-License-Identifier: Apache-2.0

@preconcurrency import Dispatch
import Synchronization

/// Tells when calls take longer than they may.
///
/// A timer of its own for each call would wake a thread of the system's when it is set and again when it is taken back,
/// in every transaction. So one timer stays set from call to call and looks, when it fires, at what is under way then.
final class Watchdog: Sendable {
    private struct Watched {
        let deadline: ContinuousClock.Instant
        let tell: @Sendable () -> Void
    }

    private struct State {
        var watched: [UInt64: Watched] = [:]
        var lastNumber: UInt64 = 0
        /// When the timer fires; nil when it is not set.
        var firesAt: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    /// Dispatch's sources may be used from any thread, by their documentation.
    private let timer: any DispatchSourceTimer

    init() {
        timer = DispatchSource.makeTimerSource(queue: .global())
        timer.setEventHandler { [weak self] in self?.look() }
        timer.activate()
    }

    deinit { timer.cancel() }

    /// Watches a call until `end`; `tell` is called at most once, when the deadline has passed before.
    /// - Returns: What to give to `end`.
    func begin(until deadline: ContinuousClock.Instant, tell: @escaping @Sendable () -> Void) -> UInt64 {
        let (number, mustSet) = state.withLock { state in
            state.lastNumber += 1
            state.watched[state.lastNumber] = Watched(deadline: deadline, tell: tell)
            if let firesAt = state.firesAt, firesAt <= deadline { return (state.lastNumber, false) }
            state.firesAt = deadline
            return (state.lastNumber, true)
        }
        if mustSet { set(deadline) }
        return number
    }

    /// The call has returned.
    func end(_ number: UInt64) { state.withLock { _ = $0.watched.removeValue(forKey: number) } }

    private func look() {
        let now = ContinuousClock.now
        let (overdue, next) = state.withLock { state in
            let overdue = state.watched.filter { $0.value.deadline <= now }
            for number in overdue.keys { state.watched[number] = nil }
            state.firesAt = state.watched.values.map(\.deadline).min()
            return (overdue.values.map(\.tell), state.firesAt)
        }
        for tell in overdue { tell() }
        if let next { set(next) }
    }

    private func set(_ deadline: ContinuousClock.Instant) {
        timer.schedule(deadline: .now() + .milliseconds(Int(deadline.remaining.wholeMilliseconds)))
    }
}
