// SPDX-License-Identifier: Apache-2.0

import UnixSignals

/// Runs `body` until it ends or somebody wants it to.
/// - Returns: what `body` gave; nil when SIGINT or SIGTERM came first. `body` is cancelled and awaited then.
func untilInterrupted<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value? {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            for await _ in signals { break }
            return nil
        }
        defer { group.cancelAll() }
        do {
            return try await group.next() ?? nil
        } catch is CancellationError {
            return nil
        }
    }
}
