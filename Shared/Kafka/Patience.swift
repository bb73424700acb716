// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How long one call goes on trying: until its time is over, its task is cancelled, or its client is being closed.
///
/// C calls cannot be interrupted, so they are made in slices between which this is asked.
final class Patience: Sendable {
    /// Longest wait inside one C call, and so the longest that a cancelled call or a close is held up.
    static let slice = Duration.seconds(1)

    private let handle: ClientHandle
    private let deadline: ContinuousClock.Instant
    private let isGivenUp = Atomic(false)

    init(_ handle: ClientHandle, _ limit: Duration) {
        self.handle = handle
        deadline = .now + limit
    }

    /// Whether to stop trying.
    var isOver: Bool {
        isGivenUp.load(ordering: .acquiring) || handle.isClosing || ContinuousClock.now >= deadline
    }

    /// How long the next C call may wait.
    var nextWait: Duration { isOver ? .zero : min(Self.slice, deadline.remaining) }

    func giveUp() { isGivenUp.store(true, ordering: .releasing) }
}

extension BlockingThread {
    /// Runs a call that retries on its own, and ends it early when the task is cancelled.
    func run<Value: Sendable>(
        _ operation: String, patience: Patience, _ body: @escaping @Sendable (Patience) throws -> Value
    ) async throws -> Value {
        do {
            return try await withTaskCancellationHandler {
                try await run(operation) { try body(patience) }
            } onCancel: {
                patience.giveUp()
            }
        } catch {
            // The call's own error only says that it had to stop.
            try Task.checkCancellation()
            throw error
        }
    }
}
