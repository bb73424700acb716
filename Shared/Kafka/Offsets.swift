// SPDX-License-Identifier: Apache-2.0

/// A group's place in a partition.
public struct CommittedOffset: Sendable, Equatable {
    /// The partition.
    public var topicPartition: TopicPartition
    /// The next offset to read, which is one more than the last one done.
    public var offset: Int64
    /// Text kept beside the offset. Brokers accept 4,096 bytes by default (`offset.metadata.max.bytes`).
    public var metadata: String?

    /// Makes an offset.
    public init(topicPartition: TopicPartition, offset: Int64, metadata: String? = nil) {
        self.topicPartition = topicPartition
        self.offset = offset
        self.metadata = metadata
    }
}

/// Where reading of a partition starts.
public enum StartPosition: Sendable, Hashable {
    /// The oldest record kept.
    case beginning
    /// After the newest record at the time of the call.
    case end
    /// The record at this offset, or the first one after it.
    case offset(Int64)
}

/// What a reader sees of transactions.
public enum IsolationLevel: String, Sendable, CaseIterable {
    /// Only records outside transactions and of committed ones.
    case readCommitted = "read_committed"
    /// All records, of open and aborted transactions too.
    case readUncommitted = "read_uncommitted"
}

/// Proof of membership in a consumer group at one generation, which fences a transaction's offsets.
///
/// It goes stale with every rebalance: take a new one for each transaction.
public struct ConsumerGroupMetadata: Sendable, Equatable {
    /// librdkafka's serialised form, opaque to everybody else.
    let serialised: [UInt8]
}

/// How far a group is behind in a partition.
public struct PartitionLag: Sendable, Equatable {
    /// The partition.
    public var topicPartition: TopicPartition
    /// The group's next offset to read; nil when it has committed none.
    public var committed: Int64?
    /// The oldest offset kept.
    public var beginning: Int64
    /// The last stable offset: where a reader of committed records ends.
    public var end: Int64

    /// Makes a lag.
    public init(topicPartition: TopicPartition, committed: Int64?, beginning: Int64, end: Int64) {
        self.topicPartition = topicPartition
        self.committed = committed
        self.beginning = beginning
        self.end = end
    }

    /// Offsets between the group's place (the beginning when it has none) and the end.
    ///
    /// An upper bound on records: transaction markers take offsets too, so an idle transactional topic
    /// shows 1 or more for ever, and compaction leaves gaps.
    public var offsets: Int64 { max(0, end - max(committed ?? beginning, beginning)) }
}
