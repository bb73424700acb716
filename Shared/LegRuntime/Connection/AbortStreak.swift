// SPDX-License-Identifier: Apache-2.0

import Kafka
public import Operations
import Synchronization

/// Transactions are aborted one after another: whatever the cause, trying for ever would hide it.
public struct TransactionsFail: DiagnosedError {
    /// Which part of the process.
    public let part: String
    /// How many in a row.
    public let count: Int
    /// The last one's error.
    public let cause: KafkaError

    /// What was wrong and where.
    public var reason: String { "\(count) transactions of \(part) in a row were aborted; the last: \(cause)" }
    /// What the operator can do.
    public var remedy: String {
        "see the brokers' logs; started again the process continues from what is committed. RELAY_TRANSACTION_ABORTS "
            + "says how many are borne"
    }
}

/// Counts transactions that were aborted since the last one that was committed, in sight of the metrics.
final class AbortStreak: Sendable {
    /// From this many on, the part is not ready.
    static let alarming = 3

    private let part: String
    private let limit: Int
    private let metrics: TransactionMetrics
    private let count = Mutex(0)

    init(part: String, limit: Int, metrics: TransactionMetrics) {
        self.part = part
        self.limit = limit
        self.metrics = metrics
    }

    /// A transaction was committed.
    /// - Returns: Whether that ends an alarming streak.
    func committed() -> Bool {
        metrics.committed.add()
        let before = count.withLock { count in
            defer { count = 0 }
            return count
        }
        metrics.streak.set(0)
        return before >= Self.alarming
    }

    /// A transaction was aborted, or did not begin.
    /// - Returns: Whether the streak has just become alarming.
    /// - Throws: `TransactionsFail` at the limit.
    func aborted(_ cause: KafkaError) throws -> Bool {
        let count = count.withLock { count in
            count += 1
            return count
        }
        metrics.streak.set(Double(count))
        guard count < limit else { throw TransactionsFail(part: part, count: count, cause: cause) }
        return count == Self.alarming
    }
}
