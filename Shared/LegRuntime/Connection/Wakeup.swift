// SPDX-License-Identifier: Apache-2.0

/// Wakes one waiting loop; calls that come while it is busy become one.
struct Wakeup: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func give() { continuation.yield() }

    /// Every call since the last one that was seen, until the task is cancelled. For one loop alone.
    var calls: AsyncStream<Void> { stream }
}
