// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import RelayClients

/// The clients of a restore.
struct RestoreClients: Sendable {
    private let plain: KafkaProducer
    let fillers: OpenTransactionProducer
    /// Sees the ends as they are, transactions or not.
    private let outsider: PartitionReader

    init(_ access: KafkaAccess, _ timeout: Duration) throws {
        plain = try KafkaProducer(access.kafka, gathersFor: .zero, logger: access.logger)
        fillers = try OpenTransactionProducer(
            access.kafka, transactionalID: access.topics.prefix + "restore", transactionTimeout: timeout,
            logger: access.logger)
        outsider = try PartitionReader(access.kafka, logger: access.logger, isolation: .readUncommitted)
    }

    /// Records that nobody will see.
    static func fillers(_ count: Int, _ partition: TopicPartition) -> [ProducerRecord] {
        // A key, for topics that are compacted accept nothing without.
        let filler = ProducerRecord(
            topic: partition.topic, partition: partition.partition, key: Array("relay-restore".utf8), value: nil)
        return Array(repeating: filler, count: count)
    }

    /// Writes records of one partition in their order, and waits until they are there.
    func write(_ records: [ProducerRecord], endingAt end: Int64) async throws {
        for record in records.dropLast() {
            do {
                try plain.enqueue(record)
            } catch let error as KafkaError where error.code == .queueFull {
                // Waits for room, and for this one with it.
                _ = try await plain.send(record)
            }
        }
        if let last = records.last { try check(try await plain.send(last), endingAt: end) }
    }

    /// Writes records of one partition into the open transaction, and waits until they are there.
    func fill(_ records: [ProducerRecord], endingAt end: Int64) async throws {
        for record in records.dropLast() { try await fillers.enqueue(record) }
        if let last = records.last { try check(try await fillers.send(last), endingAt: end) }
    }

    private func check(_ address: RecordAddress, endingAt end: Int64) throws {
        guard address.offset + 1 != end else { return }
        let partition = TopicPartition(topic: address.topic, partition: address.partition)
        throw Self.intrusion(partition, address.offset + 1, end)
    }

    /// Waits until each partition ends where it should.
    func reach(_ wanted: [TopicPartition: Int64]) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let ends = try await outsider.endOffsets(Array(wanted.keys))
            if let (partition, end) = ends.first(where: { $0.value > wanted[$0.key] ?? 0 }) {
                throw Self.intrusion(partition, end, wanted[partition] ?? 0)
            }
            if ends == wanted { return }
            guard ContinuousClock.now < deadline else {
                throw RelayFailure(
                    "the brokers did not end a transaction within 60 s", remedy: "see the brokers' logs")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private static func intrusion(_ partition: TopicPartition, _ end: Int64, _ wanted: Int64) -> RelayFailure {
        RelayFailure(
            "\(partition) ends at \(end) and not at \(wanted): somebody else writes to it, or a write was lost or had "
                + "to be repeated",
            remedy: "stop whatever writes there, delete the topics, and restore again")
    }

    func close() async {
        await plain.close(timeout: .seconds(5))
        await fillers.close()
        await outsider.close()
    }
}
