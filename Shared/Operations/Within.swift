// SPDX-License-Identifier: Apache-2.0

/// Runs work no longer than a time, then cancels it.
///
/// Returns once the work has ended: work that does not heed its cancellation is waited for.
/// - Returns: what the work gave; nil when the time was over first.
/// - Throws: what the work throws, or `CancellationError`.
public func within<Value: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        return try await group.next() ?? nil
    }
}
