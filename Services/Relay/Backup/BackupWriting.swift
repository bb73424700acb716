// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import Foundation
import Kafka
import Operations
package import RelayClients

/// Writes a relay into a directory: every committed record of its topics, and how far its groups are.
package struct BackupWriting: Sendable {
    /// What is done at the moment, for whoever waits.
    package enum Stage: Sendable {
        /// The relay did not stand still.
        case waiting(for: [String])
        case reading(Int64, of: Int64)
        case summing(Int, of: Int)
    }

    let access: KafkaAccess
    /// Must not exist; it does once the backup is complete, not before.
    package let directory: String
    let limit: TimeLimit
    let show: @Sendable (Stage) -> Void

    /// Of its parts.
    package init(access: KafkaAccess, directory: String, limit: TimeLimit, show: @escaping @Sendable (Stage) -> Void) {
        self.access = access
        self.directory = directory
        self.limit = limit
        self.show = show
    }

    /// Takes the backup.
    package func run() async throws -> BackupManifest {
        try await onFileThreads { try await write() }
    }

    private func write() async throws -> BackupManifest {
        guard !FileManager.default.fileExists(atPath: directory) else {
            throw RelayFailure("\(directory) exists", remedy: "name a directory that does not: a backup is never mixed")
        }
        let look = try await StillMoment(access: access, limit: limit) { show(.waiting(for: $0)) }.find()
        let partial = directory + ".partial-" + UUID().uuidString.prefix(8).lowercased()
        do {
            try FileManager.default.createDirectory(
                atPath: "\(partial)/\(Self.folder)", withIntermediateDirectories: true)
            let counts = try await records(look, into: partial)
            let manifest = try manifest(look, counts, in: partial)
            let data = Data(JSON.encode(manifest) + [UInt8(ascii: "\n")])
            try data.write(to: URL(filePath: "\(partial)/\(BackupManifest.fileName)"))
            try FileManager.default.moveItem(atPath: partial, toPath: directory)
            return manifest
        } catch {
            // Half a backup must not be taken for one.
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
    }

    private static let folder = "topics"

    private static func file(of partition: TopicPartition) -> String {
        "\(folder)/\(partition.topic)-\(partition.partition).jsonl"
    }

    /// - Returns: how many records each partition has.
    private func records(_ look: BackupLook, into partial: String) async throws -> [TopicPartition: Int] {
        let scope = BackupScope(topics: access.topics)
        let partitions = look.topics.flatMap(\.topicPartitions)
        var writers: [TopicPartition: RecordFileWriter] = [:]
        for partition in partitions {
            writers[partition] = try RecordFileWriter("\(partial)/\(Self.file(of: partition))")
        }
        let total = look.cut.ends.reduce(0) { $0 + $1.value - (look.beginnings[$1.key] ?? 0) }
        var read: Int64 = 0
        try await access.kafka.withPartitionReader(logger: access.logger) { reader in
            for urgent in [true, false] {
                let filled = partitions.filter { partition in
                    scope.isUrgent(partition.topic) == urgent
                        && look.cut.ends[partition] ?? 0 > look.beginnings[partition] ?? 0
                }
                try await reader.assign(
                    Dictionary(uniqueKeysWithValues: filled.map { ($0, .offset(look.beginnings[$0] ?? 0)) }))
                let ends = look.cut.ends.filter { filled.contains($0.key) }
                try await reader.read(until: ends) { records in
                    // What comes behind the cut is not part of it.
                    for record in records where record.offset < look.cut.ends[record.topicPartition] ?? 0 {
                        try writers[record.topicPartition]?.write(StoredRecord(record))
                    }
                    read += Int64(records.count)
                    show(.reading(min(read, total), of: total))
                }
            }
        }
        for writer in writers.values { try writer.close() }
        return writers.mapValues(\.records)
    }

    private func manifest(
        _ look: BackupLook, _ counts: [TopicPartition: Int], in partial: String
    ) throws -> BackupManifest {
        let scope = BackupScope(topics: access.topics)
        var topics: [BackupManifest.Topic] = []
        for topic in look.topics {
            show(.summing(topics.count, of: look.topics.count))
            let partitions = try topic.topicPartitions.map { partition in
                let file = Self.file(of: partition)
                let digest = try FileDigest(path: "\(partial)/\(file)")
                return BackupManifest.Partition(
                    number: partition.partition, begin: look.beginnings[partition] ?? 0,
                    end: look.cut.ends[partition] ?? 0, records: counts[partition] ?? 0, file: file,
                    bytes: digest.byteCount, sha256: digest.sha256.hex)
            }
            topics.append(
                BackupManifest.Topic(
                    name: topic.name, configuration: look.configurations[topic.name] ?? [:],
                    keepsOffsets: scope.keepsOffsets(topic.name), partitions: partitions))
        }
        return BackupManifest(
            suite: SuiteVersion.current, createdAt: .now, cluster: look.cluster, prefix: access.topics.prefix,
            topics: topics, groups: look.groups)
    }
}
