// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka

/// Writes without transactions, idempotent and acknowledged by all.
final class LoadProducer {
    private let client: RawClient
    private let topic: OpaquePointer
    private let reports: OpaquePointer

    init(_ servers: String, topic: String, lingerMilliseconds: Int) throws {
        client = try RawClient(
            RD_KAFKA_PRODUCER,
            RawClient.common(servers).merging([
                "enable.idempotence": "true", "linger.ms": "\(lingerMilliseconds)",
            ]) { $1 }, events: RD_KAFKA_EVENT_DR)
        guard let handle = rd_kafka_topic_new(client.pointer, topic, nil),
            let queue = rd_kafka_queue_get_main(client.pointer)
        else { throw BenchFailure("no handle of \(topic)") }
        self.topic = handle
        reports = queue
    }

    deinit {
        rd_kafka_queue_destroy(reports)
        rd_kafka_topic_destroy(topic)
    }

    /// Bytes that are not all the same, so that nothing on the way can make them small.
    static func value(bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 3) }
    }

    /// Writes records of one size, in turn to all partitions, and returns when all are acknowledged.
    func write(_ records: Int, bytes: Int, partitions: Int) throws {
        let value = Self.value(bytes: bytes)
        var unacknowledged = 0
        for number in 0..<records {
            while try !put(value, number: UInt64(number), partition: Int32(number / 64 % partitions)) {
                unacknowledged -= try acknowledged(withinMilliseconds: 100)
            }
            unacknowledged += 1
            if number % 64 == 0 { unacknowledged -= try acknowledged(withinMilliseconds: 0) }
        }
        while unacknowledged > 0 {
            let more = try acknowledged(withinMilliseconds: 30_000)
            guard more > 0 else { throw BenchFailure("the broker does not acknowledge") }
            unacknowledged -= more
        }
    }

    /// Hands one record over.
    /// - Returns: Whether librdkafka's queue had room for it.
    func put(_ value: [UInt8], number: UInt64, partition: Int32) throws -> Bool {
        var key = number
        let result = value.withUnsafeBytes { bytes in
            rd_kafka_produce(
                topic, partition, RD_KAFKA_MSG_F_COPY, UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                bytes.count, &key, 8, nil)
        }
        if result == 0 { return true }
        guard rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL else {
            throw BenchFailure("produce: \(String(cString: rd_kafka_err2str(rd_kafka_last_error())))")
        }
        return false
    }

    /// Waits for acknowledgements; gives how many came.
    func acknowledged(withinMilliseconds limit: Int32) throws -> Int {
        guard let event = rd_kafka_queue_poll(reports, limit) else { return 0 }
        defer { rd_kafka_event_destroy(event) }
        guard rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR else { return 0 }
        var count = 0
        while let message = rd_kafka_event_message_next(event) {
            try RawClient.check(message.pointee.err, "deliver")
            count += 1
        }
        return count
    }
}
