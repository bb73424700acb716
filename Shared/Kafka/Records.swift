// SPDX-License-Identifier: Apache-2.0

/// One partition of one topic.
public struct TopicPartition: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Topic name.
    public var topic: String
    /// Partition number, from 0.
    public var partition: Int32

    /// Names a partition.
    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    /// `topic[partition]`.
    public var description: String { "\(topic)[\(partition)]" }
}

extension TopicPartition: Comparable {
    /// By topic, then by partition number.
    public static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

/// One header of a record. Names may repeat; order is kept.
public struct KafkaHeader: Sendable, Equatable {
    /// Header name. Must not contain a NUL character.
    public var name: String
    /// Header value; nil is Kafka's null, which differs from empty.
    public var value: [UInt8]?

    /// Makes a header with a binary or null value.
    public init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }

    /// Makes a header whose value is UTF-8 text.
    public init(name: String, text: String) {
        self.init(name: name, value: Array(text.utf8))
    }
}

/// A record of a transaction that is made when it is handed over: while Kafka's client waits to announce what was
/// handed over before it, as it does for a millisecond in each transaction.
public struct LateRecord: Sendable {
    /// Topic to write to; that of what is made.
    public let topic: String
    /// Makes the record. Called on the producer's thread, and again if the transaction is repeated.
    public let make: @Sendable () -> ProducerRecord

    /// Promises a record.
    public init(topic: String, make: @escaping @Sendable () -> ProducerRecord) {
        self.topic = topic
        self.make = make
    }
}

/// A record to be written.
public struct ProducerRecord: Sendable, Equatable {
    /// Topic to write to.
    public var topic: String
    /// Partition to write to; nil: chosen by the key's murmur2 hash as Java clients do, at random without a key.
    public var partition: Int32?
    /// Record key; nil is Kafka's null.
    public var key: [UInt8]?
    /// Record value; nil is Kafka's null (a tombstone on compacted topics).
    public var value: [UInt8]?
    /// Headers in order.
    public var headers: [KafkaHeader]
    /// Record time in milliseconds since 1970; nil: the time of the call.
    public var timestampMilliseconds: Int64?

    /// Makes a record.
    public init(
        topic: String, partition: Int32? = nil, key: [UInt8]?, value: [UInt8]?, headers: [KafkaHeader] = [],
        timestampMilliseconds: Int64? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestampMilliseconds = timestampMilliseconds
    }
}

/// Where an acknowledged record stands.
public struct RecordAddress: Sendable, Hashable {
    /// Topic the record is in.
    public var topic: String
    /// Partition the record is in.
    public var partition: Int32
    /// The record's offset.
    public var offset: Int64

    /// Makes an address.
    public init(topic: String, partition: Int32, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }
}

/// A record that was read.
public struct ConsumerRecord: Sendable, Equatable {
    /// Topic it was read from.
    public var topic: String
    /// Partition it was read from.
    public var partition: Int32
    /// Its offset; the next to read is one more.
    public var offset: Int64
    /// Key; nil is Kafka's null.
    public var key: [UInt8]?
    /// Value; nil is Kafka's null.
    public var value: [UInt8]?
    /// Headers in order.
    public var headers: [KafkaHeader]
    /// Record (or log append) time in milliseconds since 1970; -1 when the record has none.
    public var timestampMilliseconds: Int64

    /// Makes a record, as tests of readers need.
    public init(
        topic: String, partition: Int32, offset: Int64, key: [UInt8]?, value: [UInt8]?, headers: [KafkaHeader] = [],
        timestampMilliseconds: Int64
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.key = key
        self.value = value
        self.headers = headers
        self.timestampMilliseconds = timestampMilliseconds
    }

    /// The partition it was read from.
    public var topicPartition: TopicPartition { TopicPartition(topic: topic, partition: partition) }
}

extension [ConsumerRecord] {
    /// The last offset of each partition. Records come in runs of one partition, so that few are looked up; and none is
    /// copied, which would cost more than the rest of a loop over them.
    public var lastOffsets: [TopicPartition: Int64] {
        var offsets: [TopicPartition: Int64] = [:]
        withUnsafeBufferPointer { records in
            for index in records.indices {
                let isLast = index + 1 == records.count || !records[index].isFollowed(by: records[index + 1])
                guard isLast else { continue }
                offsets[records[index].topicPartition] = records[index].offset
            }
        }
        return offsets
    }
}

extension ConsumerRecord {
    fileprivate func isFollowed(by next: ConsumerRecord) -> Bool {
        next.partition == partition && next.topic == topic
    }
}
