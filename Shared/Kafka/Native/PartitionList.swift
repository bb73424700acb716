// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka
import Glibc

/// Owner of a C list of partitions with offsets and metadata.
struct PartitionList: ~Copyable {
    /// "No offset": the committed one, else where the configuration says.
    static let noOffset = Int64(RD_KAFKA_OFFSET_INVALID)

    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// A list with no offsets set.
    init(_ partitions: [TopicPartition]) {
        self.init(partitions.map { CommittedOffset(topicPartition: $0, offset: Self.noOffset) })
    }

    /// A list with offsets. The metadata is copied into memory that the list frees.
    init(_ offsets: [CommittedOffset]) {
        self.init(owning: rd_kafka_topic_partition_list_new(Int32(clamping: offsets.count)))
        for offset in offsets {
            let place = offset.topicPartition
            guard let entry = rd_kafka_topic_partition_list_add(pointer, place.topic, place.partition) else { continue }
            entry.pointee.offset = offset.offset
            if let metadata = offset.metadata, !metadata.isEmpty {
                entry.pointee.metadata = UnsafeMutableRawPointer(strdup(metadata))
                entry.pointee.metadata_size = metadata.utf8.count
            }
        }
    }

    /// A list with start positions.
    init(_ starts: [TopicPartition: StartPosition]) {
        self.init(
            starts.sorted { $0.key < $1.key }.map { partition, start in
                CommittedOffset(topicPartition: partition, offset: start.nativeOffset)
            })
    }

    /// Takes over a list that C made.
    init(owning pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
        self.pointer = pointer
    }

    deinit { rd_kafka_topic_partition_list_destroy(pointer) }

    /// A copy of what the list holds.
    var entries: [Entry] { Self.entries(of: pointer) }

    static func entries(of list: UnsafePointer<rd_kafka_topic_partition_list_t>) -> [Entry] {
        guard let elements = list.pointee.elems else { return [] }
        return UnsafeBufferPointer(start: elements, count: Int(list.pointee.cnt)).map { element in
            Entry(
                partition: TopicPartition(topic: String(cString: element.topic), partition: element.partition),
                offset: element.offset, metadata: metadata(of: element), error: element.err)
        }
    }

    private static func metadata(of element: rd_kafka_topic_partition_t) -> String? {
        guard let start = element.metadata, element.metadata_size > 0 else { return nil }
        return String(decoding: UnsafeRawBufferPointer(start: start, count: element.metadata_size), as: UTF8.self)
    }

    /// Throws the first error that an entry carries.
    func checkEntries(_ operation: String) throws {
        for entry in entries where entry.error != RD_KAFKA_RESP_ERR_NO_ERROR {
            throw KafkaError(
                entry.error, operation: operation,
                message: "\(entry.partition): \(String(cString: rd_kafka_err2str(entry.error)))")
        }
    }

    /// One line of the list.
    struct Entry {
        var partition: TopicPartition
        var offset: Int64
        var metadata: String?
        var error: rd_kafka_resp_err_t

        /// The entry as an offset; nil when none is set.
        var committed: CommittedOffset? {
            offset < 0 ? nil : CommittedOffset(topicPartition: partition, offset: offset, metadata: metadata)
        }
    }
}

extension StartPosition {
    var nativeOffset: Int64 {
        switch self {
        case .beginning: Int64(RD_KAFKA_OFFSET_BEGINNING)
        case .end: Int64(RD_KAFKA_OFFSET_END)
        case .offset(let offset): offset
        }
    }
}
