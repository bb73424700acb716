// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Does a schedule's faults at their time, and heals each, whatever happens.
final class Conductor: Sendable {
    private let faults: [Fault]
    private let arena: Arena
    private let state = Mutex(State())

    private struct State {
        var active: [Fault] = []
        var history: [String] = []
    }

    init(_ schedule: Schedule, _ arena: Arena) {
        faults = schedule.faults
        self.arena = arena
    }

    /// Faults that are under way.
    var active: [Fault] { state.withLock { $0.active } }
    /// What began and ended, oldest first.
    var history: [String] { state.withLock { $0.history } }

    /// Runs until the last fault is healed. `told` hears of each beginning and end.
    func run(from start: ContinuousClock.Instant, told: @escaping @Sendable (String) -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for fault in faults {
                group.addTask {
                    let clock = ContinuousClock()
                    try await clock.sleep(until: start + fault.begin)
                    self.note("begins", fault, at: clock.now - start, told) { $0.append(fault) }
                    try await self.arena.begin(fault)
                    try await clock.sleep(until: start + fault.end)
                    try await self.arena.end(fault)
                    self.note("ends", fault, at: clock.now - start, told) { active in
                        active.removeAll { $0.number == fault.number }
                    }
                }
            }
            while try await group.next() != nil {}
        }
    }

    private func note(
        _ what: String, _ fault: Fault, at time: Duration, _ told: (String) -> Void, _ change: (inout [Fault]) -> Void
    ) {
        let line = "\(time.text) \(what): \(fault)"
        state.withLock { state in
            change(&state.active)
            state.history.append(line)
        }
        told(line)
    }
}
