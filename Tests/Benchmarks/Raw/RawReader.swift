// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka

/// Reads all partitions of topics from their beginning, committed records only, without a group's protocol.
final class RawReader {
    private let client: RawClient

    init(_ servers: String, topics: [String], partitions: Int32 = 8) throws {
        client = try RawClient(
            RD_KAFKA_CONSUMER,
            RawClient.common(servers).merging([
                "group.id": "bench-reader", "enable.auto.commit": "false", "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
            ]) { $1 })
        try RawClient.check(rd_kafka_poll_set_consumer(client.pointer), "set up the reader")
        let list = rd_kafka_topic_partition_list_new(Int32(topics.count) * partitions)
        defer { rd_kafka_topic_partition_list_destroy(list) }
        for topic in topics {
            for partition in 0..<partitions {
                rd_kafka_topic_partition_list_add(list, topic, partition)?.pointee.offset =
                    Int64(RD_KAFKA_OFFSET_BEGINNING)
            }
        }
        try RawClient.check(rd_kafka_assign(client.pointer, list), "assign partitions to the reader")
    }

    /// Waits for one record and lends it; nil when none came in time.
    func next<Value>(
        withinMilliseconds limit: Int32, _ body: (UnsafePointer<rd_kafka_message_t>) throws -> Value
    ) throws -> Value? {
        guard let message = rd_kafka_consumer_poll(client.pointer, limit) else { return nil }
        defer { rd_kafka_message_destroy(message) }
        guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return try body(message)
    }

    /// Reads as fast as it can until it has so many records.
    func read(_ count: Int) throws {
        guard let queue = rd_kafka_queue_get_consumer(client.pointer) else { throw BenchFailure("no queue") }
        defer { rd_kafka_queue_destroy(queue) }
        var messages = [UnsafeMutablePointer<rd_kafka_message_t>?](repeating: nil, count: 1000)
        var rest = count
        while rest > 0 {
            let got = rd_kafka_consume_batch_queue(queue, 100, &messages, min(rest, messages.count))
            guard got >= 0 else { throw BenchFailure("the reader fails") }
            for message in messages[..<got] { rd_kafka_message_destroy(message) }
            rest -= got
        }
    }
}

extension rd_kafka_message_t {
    var valueBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: payload, count: len) }
    var keyText: String {
        String(decoding: UnsafeRawBufferPointer(start: key, count: key_len), as: UTF8.self)
    }
    var topicName: String { rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "" }
}
