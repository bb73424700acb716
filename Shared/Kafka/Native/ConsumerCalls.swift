// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

/// Calls of group consumers and partition readers. All may block and belong on the client's thread.
extension ClientHandle {
    func subscribe(to topics: [String], _ operation: String) throws {
        let list = PartitionList(topics.map { TopicPartition(topic: $0, partition: -1) })
        try check(rd_kafka_subscribe(client, list.pointer), operation)
    }

    /// The id that the group's coordinator gave; empty while it has given none, or it is not valid any more.
    func memberID() -> String {
        guard let id = rd_kafka_memberid(client) else { return "" }
        defer { rd_kafka_mem_free(client, id) }
        return String(cString: id)
    }

    func groupMetadata() throws -> ConsumerGroupMetadata {
        let operation = "read the group metadata"
        guard let metadata = rd_kafka_consumer_group_metadata(client) else {
            throw fatalFailure(operation) ?? KafkaError.closed(operation)
        }
        defer { rd_kafka_consumer_group_metadata_destroy(metadata) }
        var start: UnsafeMutableRawPointer?
        var size = 0
        try check(rd_kafka_consumer_group_metadata_write(metadata, &start, &size), operation)
        // The buffer comes from librdkafka's allocator, so librdkafka frees it.
        defer { rd_kafka_mem_free(client, start) }
        return ConsumerGroupMetadata(serialised: Array(UnsafeRawBufferPointer(start: start, count: size)))
    }

    func committed(_ partitions: [TopicPartition], within timeout: Duration) throws -> [CommittedOffset] {
        guard !partitions.isEmpty else { return [] }
        let operation = "read committed offsets"
        let list = PartitionList(partitions)
        try check(rd_kafka_committed(client, list.pointer, timeout.wholeMilliseconds), operation)
        try list.checkEntries(operation)
        return list.entries.compactMap(\.committed)
    }

    func positions(_ partitions: [TopicPartition]) throws -> [TopicPartition: Int64] {
        let list = PartitionList(partitions)
        try check(rd_kafka_position(client, list.pointer), "read positions")
        let known = list.entries.filter { $0.offset >= 0 }.map { ($0.partition, $0.offset) }
        return Dictionary(known) { _, last in last }
    }

    func seek(_ starts: [TopicPartition: StartPosition]) throws {
        let list = PartitionList(starts)
        try check(rd_kafka_seek_partitions(client, list.pointer, 10_000), "seek")
        try list.checkEntries("seek")
    }

    func pause(_ partitions: [TopicPartition]) throws {
        let list = PartitionList(partitions)
        try check(rd_kafka_pause_partitions(client, list.pointer), "pause")
        try list.checkEntries("pause")
    }

    func resume(_ partitions: [TopicPartition]) throws {
        let list = PartitionList(partitions)
        try check(rd_kafka_resume_partitions(client, list.pointer), "resume")
        try list.checkEntries("resume")
    }

    func commit(_ offsets: [CommittedOffset]) throws {
        let list = PartitionList(offsets)
        try check(rd_kafka_commit(client, list.pointer, 0), "commit offsets")
        try list.checkEntries("commit offsets")
    }

    func assignment() throws -> [TopicPartition] {
        var list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
        try check(rd_kafka_assignment(client, &list), "read the assignment")
        guard let list else { return [] }
        return PartitionList(owning: list).entries.map(\.partition)
    }

    /// Answers an assignment, in the way of the group's protocol.
    func assign(_ starts: [CommittedOffset]) throws {
        let operation = "take over partitions"
        let list = PartitionList(starts)
        if isCooperative {
            try check(rd_kafka_incremental_assign(client, list.pointer), operation)
        } else {
            try check(rd_kafka_assign(client, list.pointer), operation)
        }
    }

    /// Answers a revocation, or refuses an assignment.
    func unassign(_ partitions: [TopicPartition]) throws {
        let operation = "hand back partitions"
        if isCooperative {
            let list = PartitionList(partitions)
            try check(rd_kafka_incremental_unassign(client, list.pointer), operation)
        } else {
            try check(rd_kafka_assign(client, nil), operation)
        }
    }

    private var isCooperative: Bool {
        rd_kafka_rebalance_protocol(client).map { String(cString: $0) } == "COOPERATIVE"
    }
}
