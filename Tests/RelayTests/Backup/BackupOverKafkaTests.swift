// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Kafka
import Testing

@testable import Backup
@testable import RelayClients

@Suite("Backing a relay up and restoring it", .timeLimit(.minutes(3)))
struct BackupOverKafkaTests {
    private let topics = Topics()
    private let directory = FileManager.default.temporaryDirectory.path + "/backup-\(UUID().uuidString)"

    /// Two topics whose offsets count, and two whose do not.
    private var specifications: [TopicSpecification] {
        topics.all(controlPartitions: 2).filter {
            [topics.journal, topics.leg(.pipeline), topics.batons, topics.predictions].contains($0.name)
        }.map {
            TopicSpecification(
                name: $0.name, partitions: Int($0.partitions), replicationFactor: 1, configuration: $0.properties)
        }
    }

    private func record(_ topic: String, _ value: [UInt8]?, partition: Int32 = 0) -> ProducerRecord {
        ProducerRecord(
            topic: topic, partition: partition, key: Array("key".utf8), value: value,
            headers: [KafkaHeader(name: "ce_id", text: "1"), KafkaHeader(name: "empty", value: nil)],
            timestampMilliseconds: 1_764_000_000_123)
    }

    /// Leaves holes of every kind: markers, aborted transactions, and records that retention removed.
    private func fill(_ bench: RelayBench) async throws {
        try await bench.create(specifications)
        let producer = try TransactionalProducer(
            bench.access.kafka, transactionalID: "t", transactionTimeout: .seconds(10), logger: RelayBench.silent)
        try await producer.initialise()
        let group = try ConsumerGroupMetadata(group: topics.group(.pipeline, .primary))
        for number in 0..<8 as Range<UInt8> {
            try await producer.commit(
                [
                    record(topics.journal, [number, 0xFF]), record(topics.journal, Array("text \(number)".utf8)),
                    record(topics.batons, [number]), record(topics.predictions, nil, partition: 1),
                ],
                offsets: [
                    CommittedOffset(
                        topicPartition: TopicPartition(topic: topics.leg(.pipeline), partition: 0), offset: 3,
                        metadata: "1:2-3"),
                    CommittedOffset(
                        topicPartition: TopicPartition(topic: topics.predictions, partition: 1), offset: 4),
                ], group: group)
            if number % 3 == 0 {
                try await producer.rehearse([record(topics.journal, nil), record(topics.leg(.pipeline), nil)])
            }
        }
        try await producer.commit([record(topics.leg(.pipeline), [1]), record(topics.leg(.pipeline), [2])])
        await producer.close()
        let admin = try KafkaAdmin(bench.access.kafka, logger: RelayBench.silent)
        try await admin.deleteRecords(before: [TopicPartition(topic: topics.journal, partition: 0): 3])
        await admin.close()
    }

    private func backup(_ bench: RelayBench, to directory: String) async throws -> BackupManifest {
        try await BackupWriting(
            access: bench.access, directory: directory, limit: TimeLimit(.seconds(20))
        ) { _ in }.run()
    }

    private func restore(_ bench: RelayBench) async throws -> BackupManifest {
        try await Restoring(access: bench.access, directory: directory, replication: 1) { _ in }.run()
    }

    @Test("brings back records, times, headers, offsets and what groups had finished")
    func roundTrip() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var first: BackupManifest?
        try await RelayBench.with { bench in
            try await fill(bench)
            first = try await backup(bench, to: directory)
        }
        let original = try #require(first)
        #expect(original.records == 14 + 8 + 8 + 2)
        #expect(try BackupManifest.read(in: directory) == original)
        try await RelayBench.with { bench in
            #expect(try await restore(bench) == original)
            let again = try await backup(bench, to: directory + "/again")
            for (old, new) in zip(original.topics, again.topics) {
                #expect(old.name == new.name)
                #expect(old.configuration["cleanup.policy"] == new.configuration["cleanup.policy"])
                // With the offsets, which are in the files too.
                if old.keepsOffsets { #expect(old.partitions == new.partitions) }
                #expect(old.partitions.map(\.records) == new.partitions.map(\.records))
            }
            let offsets = again.groups.flatMap(\.offsets).sorted { $0.topic < $1.topic }
            #expect(again.groups.map(\.name) == [topics.group(.pipeline, .primary)])
            #expect(offsets.map(\.topic) == [topics.leg(.pipeline), topics.predictions])
            #expect(offsets.map(\.text) == ["1:2-3", nil])
            // Offset 4 of the predictions was behind two of them and their markers.
            #expect(offsets.map(\.offset) == [3, 2])
        }
    }

    @Test("refuses to restore into a relay that is there, with everything that is in the way")
    func occupied() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await RelayBench.with { bench in
            try await fill(bench)
            _ = try await backup(bench, to: directory)
            let refused = await #expect(throws: RelayFailure.self) { try await restore(bench) }
            let reason = refused?.reason ?? ""
            #expect(reason.contains("the topic relay.journal is not empty"))
            #expect(reason.contains("the topic relay.predictions is not empty"))
            #expect(reason.contains("the group relay.pipeline.primary has committed offsets"))
        }
    }

    @Test("refuses a backup of which a byte was changed or a file is missing, and writes nothing")
    func damaged() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await RelayBench.with { bench in
            try await fill(bench)
            _ = try await backup(bench, to: directory)
        }
        let changed = "\(directory)/topics/relay.journal-0.jsonl"
        var bytes = try Data(contentsOf: URL(filePath: changed))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: changed))
        try FileManager.default.removeItem(atPath: "\(directory)/topics/relay.batons-0.jsonl")
        try await RelayBench.with { bench in
            let refused = await #expect(throws: RelayFailure.self) { try await restore(bench) }
            let reason = refused?.reason ?? ""
            #expect(reason.contains("relay.journal-0.jsonl hashes to"))
            #expect(reason.contains("relay.batons-0.jsonl"))
            let admin = try KafkaAdmin(bench.access.kafka, logger: RelayBench.silent)
            #expect(try await admin.topics().map(\.name).filter { $0.hasPrefix("relay.") } == [])
            await admin.close()
        }
    }

    @Test("refuses a directory that exists, a Kafka without a relay, and a manifest of a later format")
    func refusals() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await RelayBench.with { bench in
            let nobody = await #expect(throws: RelayFailure.self) { try await backup(bench, to: directory) }
            #expect(nobody?.reason.contains("no topic there begins with relay.") == true)
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let exists = await #expect(throws: RelayFailure.self) { try await backup(bench, to: directory) }
            #expect(exists?.reason.contains("exists") == true)
            try Data(#"{"format":2}"#.utf8).write(to: URL(filePath: "\(directory)/manifest.json"))
            let newer = await #expect(throws: RelayFailure.self) { try await restore(bench) }
            #expect(newer?.reason.contains("its format is 2") == true)
        }
    }

    @Test("leaves nothing behind, and says what moved, when the relay does not stand still")
    func neverStill() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await RelayBench.with { bench in
            try await bench.create(specifications)
            // So many that one of them is always in the middle of a transaction.
            var writers: [TransactionalProducer] = []
            for number in 0..<8 {
                writers.append(
                    try TransactionalProducer(
                        bench.access.kafka, transactionalID: "t\(number)", transactionTimeout: .seconds(10),
                        logger: RelayBench.silent))
                try await writers[number].initialise()
            }
            let many = Array(repeating: record(topics.journal, Array(repeating: 1, count: 1000)), count: 200)
            let busy = writers.map { writer in
                Task { while !Task.isCancelled { try await writer.commit(many) } }
            }
            let refused = await #expect(throws: RelayFailure.self) {
                try await BackupWriting(
                    access: bench.access, directory: directory, limit: TimeLimit(.milliseconds(300))
                ) { _ in }.run()
            }
            for task in busy { task.cancel() }
            for task in busy { _ = await task.result }
            for writer in writers { await writer.close() }
            #expect(refused?.reason.contains("relay.journal") == true)
            #expect(!FileManager.default.fileExists(atPath: directory))
        }
    }
}
