// SPDX-License-Identifier: Apache-2.0

/// Wakes one waiting loop; signals that come while it is busy become one.
struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func give() { continuation.yield() }

    /// Every signal since the last one that was seen, until the task is cancelled. For one loop alone.
    var signals: AsyncStream<Void> { stream }
}
