// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Waits for work that does not react to cancellation, until the waiting task is cancelled: then the work goes on by
/// itself to its own time limit, and its result is dropped.
///
/// For calls into librdkafka while no broker answers: they return after their timeout, which is longer than a
/// process may take to stop.
public func abandonable<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let answer = FirstAnswer<Value>()
    // Owned by `answer`: it ends by the work's own time limit and reports there.
    Task {
        do { answer.give(.success(try await work())) } catch { answer.give(.failure(error)) }
    }
    return try await withTaskCancellationHandler {
        try await answer.value()
    } onCancel: {
        answer.give(.failure(CancellationError()))
    }
}

/// Runs work that ends when it is cancelled. Work that does not within `grace` is left behind, so that what hangs does
/// not keep its process from ending.
func escapable(
    grace: Duration = .seconds(1), _ work: @escaping @Sendable () async throws -> Void
) async throws {
    let answer = FirstAnswer<Void>()
    // Owned by `answer`, and cancelled with the waiting task.
    let task = Task {
        do { answer.give(.success(try await work())) } catch { answer.give(.failure(error)) }
    }
    try await withTaskCancellationHandler {
        try await answer.value()
    } onCancel: {
        task.cancel()
        // Owned by `answer`: it ends after the grace.
        Task {
            // Not cancelled by anybody.
            try? await Task.sleep(for: grace)
            answer.give(.failure(CancellationError()))
        }
    }
}

/// Waits for work no longer than `limit`; then it goes on by itself.
/// - Returns: Whether it ended in time.
func hasEnded(within limit: Duration, _ work: @escaping @Sendable () async -> Void) async -> Bool {
    let answer = FirstAnswer<Bool>()
    // Owned by `answer`, as above.
    Task {
        await work()
        answer.give(.success(true))
    }
    let timer = Task {
        // Ends early when it is cancelled below: the sleep is not needed any more.
        try? await Task.sleep(for: limit)
        answer.give(.success(false))
    }
    defer { timer.cancel() }
    do { return try await answer.value() } catch { return false }
}

/// One value, from whoever gives it first.
private final class FirstAnswer<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var waiter: CheckedContinuation<Value, any Error>?
    }

    private let state = Mutex(State())

    func give(_ result: Result<Value, any Error>) {
        let waiter = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: result)
    }

    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<Value, any Error>? in
                if state.result == nil { state.waiter = continuation }
                return state.result
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
