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

    var isEmpty: Bool { committed.isEmpty && staged.isEmpty }

    mutating func commit(_ offsets: [TopicPartition: CommittedOffset]) {
        committed.merge(offsets) { $1 }
    }

    /// Keeps offsets until the producer's transaction ends.
    mutating func stage(_ offsets: [TopicPartition: CommittedOffset], producerID: Int64) {
        staged[producerID, default: [:]].merge(offsets) { $1 }
    }

    mutating func end(producerID: Int64, outcome: TransactionOutcome) {
        guard let offsets = staged.removeValue(forKey: producerID), outcome == .commit else { return }
        commit(offsets)
    }

    /// Whether a newer offset for the partition waits for a transaction's outcome.
    func isUnstable(_ partition: TopicPartition) -> Bool {
        staged.values.contains { $0[partition] != nil }
    }

    mutating func delete(_ partition: TopicPartition) {
        committed[partition] = nil
    }

    mutating func deleteTopic(_ topic: String) {
        committed = committed.filter { $0.key.topic != topic }
        staged = staged.mapValues { $0.filter { $0.key.topic != topic } }.filter { !$0.value.isEmpty }
    }
}
