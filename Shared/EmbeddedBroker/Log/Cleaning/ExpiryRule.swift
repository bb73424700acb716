// SPDX-License-Identifier: Apache-2.0

/// After how long without use the broker forgets what it keeps for clients. Times are milliseconds since 1970.
struct ExpiryRule: Equatable, Sendable {
    var producerIDMilliseconds: Int64
    var transactionalIDMilliseconds: Int64
    var offsetsMilliseconds: Int64

    /// Whether a partition forgets a producer; never one with an open transaction.
    func isExpired(_ producer: ProducerLedger.Entry, now: Int64) -> Bool {
        producer.openSince == nil && hasPassed(producerIDMilliseconds, since: producer.lastSeen, now)
    }

    /// Whether a transactional id may be given up: not while a transaction of its is open or being ended.
    func isExpired(_ transaction: Transaction, now: Int64) -> Bool {
        switch transaction.state {
        case .empty, .completeCommit, .completeAbort:
            hasPassed(transactionalIDMilliseconds, since: transaction.updatedAt, now)
        case .ongoing, .prepareCommit, .prepareAbort: false
        }
    }

    /// The partitions whose offsets a group has lost: it has no members, and neither had any nor committed for long.
    ///
    /// - Parameter emptySince: when the group was first seen without members; nil while it has some.
    func expired(_ offsets: GroupOffsets, emptySince: Int64?, now: Int64) -> Set<TopicPartition> {
        guard let emptySince else { return [] }
        return Set(
            offsets.committed.filter { partition, offset in
                !offsets.isUnstable(partition)
                    && hasPassed(offsetsMilliseconds, since: max(emptySince, offset.committedAt), now)
            }.keys)
    }

    private func hasPassed(_ milliseconds: Int64, since time: Int64, _ now: Int64) -> Bool {
        now - min(now, max(0, time)) >= milliseconds
    }
}
