// SPDX-License-Identifier: Apache-2.0

public import Operations
import Synchronization

/// Nothing can be processed any more: rather the wrong program or configuration than the wrong records.
public struct NothingIsProcessed: DiagnosedError {
    /// Which part of the process.
    public let part: String
    /// How many records were set aside in a row.
    public let count: Int
    /// Why the one after them cannot be processed; it is not set aside.
    public let cause: any Error

    /// What was wrong and where.
    public var reason: String {
        "\(part) could process none of \(count + 1) records in a row; the last, which is not set aside: \(cause)"
    }
    /// What the operator can do.
    public var remedy: String {
        "see that the right release runs with the right configuration. What was set aside comes back with: relay "
            + "dead-letters replay. RELAY_POISON_STREAK says how many in a row are borne"
    }
}

/// Counts records that were set aside since the last one that was processed.
final class PoisonStreak: Sendable {
    private let part: String
    private let limit: Int
    private let count = Mutex(0)

    init(part: String, limit: Int) {
        self.part = part
        self.limit = limit
    }

    /// Records were processed.
    func processed() { count.withLock { $0 = 0 } }

    /// A record was set aside.
    func setAside() { count.withLock { $0 += 1 } }

    /// Decides whether another one may be set aside.
    /// - Throws: `NothingIsProcessed` at the limit.
    func check(_ cause: any Error) throws {
        let count = count.withLock { $0 }
        guard count < limit else { throw NothingIsProcessed(part: part, count: count, cause: cause) }
    }
}
