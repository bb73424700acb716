// SPDX-License-Identifier: Apache-2.0

import RelayTerminal
import UnixSignals

/// Runs `body` until it ends or somebody wants it to: by SIGINT or SIGTERM, or by reading no more of what it writes.
/// - Parameter stopping: says that it is being stopped; called before `body` is cancelled.
/// - Returns: what `body` gave; nil when it was stopped. It has been cancelled and awaited then.
func untilInterrupted<Value: Sendable>(
    stopping: @escaping @Sendable () -> Void = {}, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            for await _ in signals {
                stopping()
                break
            }
            return nil
        }
        group.addTask {
            await CommandOutput.standard.waitForFailure()
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
