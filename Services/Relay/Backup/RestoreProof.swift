// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import Foundation
import Kafka
import RelayClients

/// Holds a backup against its manifest, and a restored relay against its backup.
struct RestoreProof: Sendable {
    let manifest: BackupManifest
    let directory: String

    /// Checks every file before anything is written.
    /// - Throws: `RelayFailure` that names every file that is missing or is not as it was written.
    func checkFiles(show: (_ done: Int, _ of: Int) -> Void) throws {
        var problems: [String] = []
        for (index, place) in manifest.places.enumerated() {
            show(index, manifest.partitions)
            let file = place.partition.file
            do throws(FileReadError) {
                let digest = try FileDigest(path: "\(directory)/\(file)")
                if digest.sha256.hex != place.partition.sha256 {
                    problems.append(
                        "\(file) hashes to \(digest.sha256.hex), and was written as \(place.partition.sha256)")
                }
            } catch {
                problems.append(error.description)
            }
        }
        guard problems.isEmpty else {
            throw RelayFailure(
                "the backup is damaged, and nothing was restored: " + problems.joined(separator: "; "),
                remedy: "fetch these files again from where the backup is kept")
        }
    }

    /// Reads everything back and compares it, record by record.
    /// - Throws: `RelayFailure` at the first difference.
    func checkRecords(_ access: KafkaAccess, show: (_ records: Int) -> Void) async throws {
        var left: [TopicPartition: Expected] = [:]
        for (topic, partition, id) in manifest.places {
            left[id] = Expected(
                file: try RecordFileReader("\(directory)/\(partition.file)"), keepsOffsets: topic.keepsOffsets,
                retentionMilliseconds: topic.retentionMilliseconds)
        }
        var read = 0
        try await access.kafka.withPartitionReader(logger: access.logger) { reader in
            try await reader.readToEnd(left.keys.sorted()) { records in
                for record in records { try left[record.topicPartition]?.take(record) }
                read += records.count
                show(read)
            }
        }
        for (id, expected) in left.sorted(by: { $0.key < $1.key }) { try expected.finish(id) }
    }

    /// The records of one partition that are still to come.
    private struct Expected {
        let file: RecordFileReader
        let keepsOffsets: Bool
        let retentionMilliseconds: Int64?

        func take(_ record: ConsumerRecord) throws {
            let found = StoredRecord(record)
            while let wanted = try file.next() {
                if isSame(found, wanted) { return }
                guard hasExpired(wanted) else {
                    throw RestoreProof.difference(
                        record.topicPartition,
                        "has another record at offset \(found.offset) than the backup has at \(wanted.offset)")
                }
            }
            throw RestoreProof.difference(record.topicPartition, "has more records than the backup")
        }

        func finish(_ id: TopicPartition) throws {
            while let missing = try file.next() {
                guard hasExpired(missing) else {
                    throw RestoreProof.difference(id, "lacks the record of offset \(missing.offset)")
                }
            }
        }

        private func isSame(_ found: StoredRecord, _ wanted: StoredRecord) -> Bool {
            var wanted = wanted
            if !keepsOffsets { wanted.offset = found.offset }
            return found == wanted
        }

        /// Records of an old backup may be removed as soon as they are there.
        private func hasExpired(_ record: StoredRecord) -> Bool {
            retentionMilliseconds.map { Timestamp.now.milliseconds - record.at > $0 } ?? false
        }
    }

    private static func difference(_ partition: TopicPartition, _ what: String) -> RelayFailure {
        RelayFailure(
            "\(partition) \(what)",
            remedy: "see that nobody else writes there, delete the topics, and restore again")
    }
}
