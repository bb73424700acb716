// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka

extension RestoreWriting {
    /// What is written at once: a step of each partition.
    struct Round: Sendable {
        var plain: [[ProducerRecord]] = []
        var committed: [ProducerRecord] = []
        var aborted: [ProducerRecord] = []
        /// Of the backup, among these.
        var records = 0

        var isEmpty: Bool { plain.isEmpty && committed.isEmpty && aborted.isEmpty }

        init(_ layouts: inout [Layout]) throws {
            for index in layouts.indices {
                let id = layouts[index].id
                switch try layouts[index].offsets.next() {
                case .records(let records):
                    plain.append(records.map { $0.produced(to: id) })
                    self.records += records.count
                case .committed(let records):
                    committed += records.map { $0.produced(to: id) }
                    self.records += records.count
                case .aborted(let count): aborted += Clients.fillers(count, id)
                case nil: break
                }
            }
        }
    }

    /// The clients of a restore.
    struct Clients: Sendable {
        let plain: KafkaProducer
        let transactions: TransactionalProducer
        /// Sees the ends as they are, transactions or not.
        let outsider: PartitionReader

        init(_ access: KafkaAccess, _ timeout: Duration) throws {
            plain = try KafkaProducer(access.kafka, logger: access.logger)
            transactions = try TransactionalProducer(
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

        func write(_ round: Round) async throws {
            let failed = plain.failedDeliveries
            try await withThrowingTaskGroup(of: Void.self) { group in
                for run in round.plain { group.addTask { try await write(run) } }
                try await group.waitForAll()
            }
            guard plain.failedDeliveries == failed else {
                throw RelayFailure(
                    "\(plain.failedDeliveries - failed) records could not be written",
                    remedy: "see the brokers' logs, delete the topics, and restore again")
            }
            if !round.committed.isEmpty { try await transactions.commit(round.committed) }
            if !round.aborted.isEmpty { try await transactions.rehearse(round.aborted) }
        }

        /// Writes records of one partition in their order, and waits for the last.
        func write(_ records: [ProducerRecord]) async throws {
            for record in records.dropLast() {
                do {
                    try plain.enqueue(record)
                } catch let error as KafkaError where error.code == .queueFull {
                    // Waits for room, and for this one with it.
                    _ = try await plain.send(record)
                }
            }
            if let last = records.last { _ = try await plain.send(last) }
        }

        func close() async {
            await plain.close(timeout: .seconds(5))
            await transactions.close()
            await outsider.close()
        }
    }
}
