// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Bytes in memory of large answers that were made and not yet taken by the system.
///
/// Counted by the connections, looked at by fetches before they read from the log.
final class QueuedAnswers: Sendable {
    /// Smaller answers are not worth counting.
    static let counted = 64 << 10
    /// What a fetch may get when clients do not read what they asked for; a whole batch at least.
    private static let smallAnswer = 64 << 10

    private let limit: Int
    private let bytes = Atomic(0)

    init(limit: Int) { self.limit = limit }

    func add(_ count: Int) { bytes.add(count, ordering: .relaxed) }
    func remove(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }

    /// Whether all that may be queued is.
    var isExhausted: Bool { bytes.load(ordering: .relaxed) >= limit }

    /// Bytes that one more answer may have.
    var allowance: Int { max(Self.smallAnswer, limit - bytes.load(ordering: .relaxed)) }
}
