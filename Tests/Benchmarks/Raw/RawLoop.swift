// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka

/// The shortest correct loop over librdkafka: consume, transform, produce, send the offsets, commit.
///
/// What an error of a transaction would demand (abort, rewind, begin again) is left out: an error ends the run.
/// With several producers each transaction is the next one's turn, and begins when the last one's outcome is known.
final class RawLoop {
    private struct Writer {
        let client: RawClient
        let topic: OpaquePointer
    }

    private let job: Job
    // Read for each record: a command's options are looked up each time that they are.
    private let input: String
    private let stamps: Bool
    private let consumer: RawClient
    private let queue: OpaquePointer
    private let writers: [Writer]
    private var messages: [UnsafeMutablePointer<rd_kafka_message_t>?]
    private let offsets = rd_kafka_topic_partition_list_new(64)
    private var stamped = [UInt8](repeating: 0, count: 4096)

    init(_ job: Job) throws {
        self.job = job
        (input, stamps) = (job.input, job.stamps)
        messages = Array(repeating: nil, count: job.perTransaction)
        writers = try (0..<job.producers).map { number in
            let client = try RawClient.transactionalProducer(
                job.servers, id: "\(job.name)-\(number)", lingerMilliseconds: job.lingerMilliseconds)
            guard let topic = rd_kafka_topic_new(client.pointer, job.output, nil) else {
                throw BenchFailure("no handle of \(job.output)")
            }
            return Writer(client: client, topic: topic)
        }
        consumer = try RawClient.groupMember(job.servers, group: job.name, topic: job.input)
        guard let queue = rd_kafka_queue_get_consumer(consumer.pointer) else { throw BenchFailure("no queue") }
        self.queue = queue
    }

    deinit {
        rd_kafka_topic_partition_list_destroy(offsets)
        rd_kafka_queue_destroy(queue)
        for writer in writers { rd_kafka_topic_destroy(writer.topic) }
    }

    /// Runs until the meter has enough, the input is used up, or `stop` says so.
    func run(_ meter: inout CommitMeter, until stop: () -> Bool = { false }) throws {
        var turn = 0
        while !stop() {
            // Before the first records the group has to be joined, which a broker may put off for seconds.
            let count = job.fillsTransactions ? consumeFull(within: turn == 0 ? 30_000 : 2000) : consumeReady()
            if count == 0, !job.fillsTransactions { continue }
            guard count == job.perTransaction || !job.fillsTransactions else { return }
            try transact(count, writers[turn % writers.count])
            turn += 1
            if meter.committed(count) { return }
        }
    }

    private func consumeFull(within milliseconds: Int32) -> Int {
        max(0, rd_kafka_consume_batch_queue(queue, milliseconds, &messages, messages.count))
    }

    /// Whatever is there, once there is something.
    private func consumeReady() -> Int {
        guard rd_kafka_consume_batch_queue(queue, 100, &messages, 1) == 1 else { return 0 }
        return messages.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, buffer.count > 1 else { return 1 }
            return 1 + max(0, rd_kafka_consume_batch_queue(queue, 0, start + 1, buffer.count - 1))
        }
    }

    private func transact(_ count: Int, _ writer: Writer) throws {
        let producer = writer.client.pointer
        try RawClient.check(rd_kafka_begin_transaction(producer), "begin")
        for message in messages[..<count] {
            guard let message else { continue }
            try RawClient.check(message.pointee.err, "consume")
            try produce(message, writer)
            note(message)
            rd_kafka_message_destroy(message)
        }
        let group = rd_kafka_consumer_group_metadata(consumer.pointer)
        defer { rd_kafka_consumer_group_metadata_destroy(group) }
        try RawClient.check(rd_kafka_send_offsets_to_transaction(producer, offsets, group, 10_000), "send the offsets")
        try RawClient.check(rd_kafka_commit_transaction(producer, 10_000), "commit")
    }

    private func produce(_ message: UnsafeMutablePointer<rd_kafka_message_t>, _ writer: Writer) throws {
        var payload = message.pointee.payload
        if stamps { payload = stamp(message) }
        while true {
            let result = rd_kafka_produce(
                writer.topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, payload, message.pointee.len,
                message.pointee.key, message.pointee.key_len, nil)
            if result == 0 { return }
            guard rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL else {
                throw BenchFailure("produce: \(String(cString: rd_kafka_err2str(rd_kafka_last_error())))")
            }
            rd_kafka_poll(writer.client.pointer, 10)
        }
    }

    private func stamp(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> UnsafeMutableRawPointer? {
        let count = min(message.pointee.len, stamped.count)
        return stamped.withUnsafeMutableBytes { buffer in
            if let payload = message.pointee.payload {
                buffer.copyMemory(from: UnsafeRawBufferPointer(start: payload, count: count))
            }
            Stamps.write(monotonicNanoseconds(), at: .taken, into: buffer)
            return buffer.baseAddress
        }
    }

    /// The next offset of the message's partition, into the list that the transaction commits.
    private func note(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        let partition = message.pointee.partition
        let known = rd_kafka_topic_partition_list_find(offsets, input, partition)
        let entry = known ?? rd_kafka_topic_partition_list_add(offsets, input, partition)
        entry?.pointee.offset = message.pointee.offset + 1
    }
}
