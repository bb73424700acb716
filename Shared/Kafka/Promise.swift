// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A value that some await and several may supply: the first to do so wins, the rest change nothing.
final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Value, any Error>])
        case done(Result<Value, any Error>)
    }

    private let state = Mutex<State>(.waiting([]))

    /// Supplies the value or the error. Returns false when it came too late.
    @discardableResult
    func complete(_ result: Result<Value, any Error>) -> Bool {
        let waiters: [CheckedContinuation<Value, any Error>]? = state.withLock { state in
            guard case .waiting(let continuations) = state else { return nil }
            state = .done(result)
            return continuations
        }
        for waiter in waiters ?? [] { waiter.resume(with: result) }
        return waiters != nil
    }

    /// Waits for the value, even in a cancelled task.
    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let ready: Result<Value, any Error>? = state.withLock { state in
                switch state {
                case .done(let result): return result
                case .waiting(let others):
                    state = .waiting(others + [continuation])
                    return nil
                }
            }
            if let ready { continuation.resume(with: ready) }
        }
    }

    /// Waits for the value; cancelling the task ends the wait for everybody who awaits this promise.
    func valueUnlessCancelled() async throws -> Value {
        try await withTaskCancellationHandler {
            try await value()
        } onCancel: {
            complete(.failure(CancellationError()))
        }
    }
}

/// Told once that something has ended; awaited by any number, before and after.
struct EndSignal: Sendable {
    private let promise = Promise<Bool>()

    func signal() { promise.complete(.success(true)) }

    /// Waits for `signal`, even in a cancelled task.
    func wait() async {
        // `signal` is the only one to complete the promise, so it never fails.
        _ = try? await promise.value()
    }
}
