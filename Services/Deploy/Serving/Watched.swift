// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A value that many read and change, and whose future states can be waited for.
package final class Watched<Value: Sendable>: Sendable {
    private struct Waiter {
        /// Gives the effect that ends the wait, when the value is what was waited for.
        let satisfied: @Sendable (Value) -> (@Sendable () -> Void)?
        let cancel: @Sendable () -> Void
    }

    private struct State {
        var value: Value
        var waiters: [UInt64: Waiter] = [:]
        var nextID: UInt64 = 0
    }

    private let state: Mutex<State>

    /// The first value.
    package init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    /// The value now.
    package var value: Value { state.withLock { $0.value } }

    /// Reads without copying the whole value out.
    package func read<Result>(_ body: (Value) -> sending Result) -> sending Result {
        state.withLock { body($0.value) }
    }

    /// Changes the value, and ends the waits that it fulfils.
    @discardableResult
    package func update<Result: Sendable>(_ change: (inout Value) -> Result) -> Result {
        let (result, effects) = state.withLock { state -> (Result, [@Sendable () -> Void]) in
            let result = change(&state.value)
            guard !state.waiters.isEmpty else { return (result, []) }
            var effects: [@Sendable () -> Void] = []
            for (id, waiter) in state.waiters {
                guard let effect = waiter.satisfied(state.value) else { continue }
                effects.append(effect)
                state.waiters[id] = nil
            }
            return (result, effects)
        }
        effects.forEach { $0() }
        return result
    }

    /// The first result that `match` gives, for the value now or for a later one.
    /// - Throws: `CancellationError`.
    package func first<Result: Sendable>(_ match: @escaping @Sendable (Value) -> Result?) async throws -> Result {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
                let effect = state.withLock { state -> (@Sendable () -> Void)? in
                    // The handler below runs after the flag is set: either it finds the waiter, or this finds the flag.
                    if Task.isCancelled { return { continuation.resume(throwing: CancellationError()) } }
                    if let result = match(state.value) { return { continuation.resume(returning: result) } }
                    state.waiters[id] = Waiter(
                        satisfied: { value -> (@Sendable () -> Void)? in
                            guard let result = match(value) else { return nil }
                            return { continuation.resume(returning: result) }
                        }, cancel: { continuation.resume(throwing: CancellationError()) })
                    return nil
                }
                effect?()
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.cancel()
        }
    }
}
