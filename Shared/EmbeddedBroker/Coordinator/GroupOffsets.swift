// SPDX-License-Identifier: Apache-2.0

/// An offset that a group has committed for a partition.
struct CommittedOffset: Equatable, Sendable {
    var offset: Int64
    var leaderEpoch: Int32
    var metadata: String
    /// Milliseconds since 1970.
    var committedAt: Int64
}

/// The offsets of one group: those that count, and those that wait for a transaction's outcome.
struct GroupOffsets: Equatable {
    private(set) var committed: [TopicPartition: CommittedOffset] = [:]
    private(set) var staged: [Int64: [TopicPartition: CommittedOffset]] = [:]
    /// When each was appended: the newest append counts, in whichever order transactions get their markers.
    private var committedOrder: [TopicPartition: UInt64] = [:]
    private var stagedOrder: [Int64: UInt64] = [:]
    private var lastOrder: UInt64 = 0

    var isEmpty: Bool { committed.isEmpty && staged.isEmpty }

    mutating func commit(_ offsets: [TopicPartition: CommittedOffset]) {
        lastOrder += 1
        apply(offsets, order: lastOrder)
    }

    /// Keeps offsets until the producer's transaction ends.
    mutating func stage(_ offsets: [TopicPartition: CommittedOffset], producerID: Int64) {
        lastOrder += 1
        stagedOrder[producerID] = lastOrder
        staged[producerID, default: [:]].merge(offsets) { $1 }
    }

    mutating func end(producerID: Int64, outcome: TransactionOutcome) {
        let order = stagedOrder.removeValue(forKey: producerID) ?? lastOrder
        guard let offsets = staged.removeValue(forKey: producerID), outcome == .commit else { return }
        apply(offsets, order: order)
    }

    private mutating func apply(_ offsets: [TopicPartition: CommittedOffset], order: UInt64) {
        for (partition, offset) in offsets where order >= committedOrder[partition] ?? 0 {
            committed[partition] = offset
            committedOrder[partition] = order
        }
    }

    /// Whether a newer offset for the partition waits for a transaction's outcome.
    func isUnstable(_ partition: TopicPartition) -> Bool {
        staged.values.contains { $0[partition] != nil }
    }

    mutating func delete(_ partition: TopicPartition) {
        committed[partition] = nil
        committedOrder[partition] = nil
    }

    mutating func deleteTopic(_ topic: String) {
        committed = committed.filter { $0.key.topic != topic }
        committedOrder = committedOrder.filter { $0.key.topic != topic }
        staged = staged.mapValues { $0.filter { $0.key.topic != topic } }.filter { !$0.value.isEmpty }
    }
}
