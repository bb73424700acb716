// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import RelayClients

/// Gives the groups of a backup their offsets.
struct RestoreOffsets: Sendable {
    let access: KafkaAccess
    let manifest: BackupManifest
    let directory: String

    func run(_ admin: KafkaAdmin) async throws {
        let shifts = try OffsetShift.all(of: manifest, in: directory)
        let producer = try TransactionalProducer(
            access.kafka, transactionalID: access.topics.prefix + "restore", transactionTimeout: .seconds(60),
            logger: access.logger)
        do {
            try await producer.initialise()
            for group in manifest.groups {
                let offsets = group.offsets.map { shifts.moved($0) }
                try await producer.commit(
                    [], offsets: offsets, group: try ConsumerGroupMetadata(group: group.name))
                try await check(group.name, offsets, admin)
            }
            await producer.close()
        } catch {
            await producer.close()
            throw error
        }
    }

    private func check(_ group: String, _ wanted: [CommittedOffset], _ admin: KafkaAdmin) async throws {
        let found = try await admin.committedOffsets(group: group, partitions: wanted.map(\.topicPartition))
        let there = Dictionary(found.map { ($0.topicPartition, $0) }) { _, last in last }
        for offset in wanted {
            let kept = there[offset.topicPartition]
            guard kept?.offset == offset.offset, kept?.metadata ?? "" == offset.metadata ?? "" else {
                let place = kept.map { "\($0.offset)" } ?? "no offset"
                throw RelayFailure(
                    "the group \(group) is at \(place) of \(offset.topicPartition), and not at \(offset.offset)",
                    remedy: "see that no service runs, delete topics and groups, and restore again")
            }
        }
    }
}

/// Where a group's offset is in a topic whose records moved together: behind as many records as before.
struct OffsetShift {
    /// By partition of a topic that does not keep offsets: those that groups have, with their new ones.
    private var moved: [TopicPartition: [Int64: Int64]] = [:]

    func moved(_ offset: BackupManifest.Offset) -> CommittedOffset {
        let partition = TopicPartition(topic: offset.topic, partition: offset.partition)
        return CommittedOffset(
            topicPartition: partition, offset: moved[partition]?[offset.offset] ?? offset.offset,
            metadata: offset.text)
    }

    /// Counts, for the partitions that groups read.
    static func all(of manifest: BackupManifest, in directory: String) throws -> OffsetShift {
        var shift = OffsetShift()
        let offsets = manifest.groups.flatMap(\.offsets)
        for (topic, partition, id) in manifest.places where !topic.keepsOffsets {
            let wanted = offsets.filter { $0.topic == id.topic && $0.partition == id.partition }.map(\.offset)
            guard !wanted.isEmpty else { continue }
            let file = try RecordFileReader("\(directory)/\(partition.file)")
            let first: Int64 = topic.isDeletable && partition.begin > 0 ? 1 : 0
            shift.moved[id] = try count(Set(wanted), startingAt: first, file.next)
        }
        return shift
    }

    /// - Parameter first: the new offset of the first record.
    static func count(
        _ wanted: Set<Int64>, startingAt first: Int64, _ next: () throws -> StoredRecord?
    ) rethrows -> [Int64: Int64] {
        var left = wanted.sorted()[...]
        var moved: [Int64: Int64] = [:]
        var position = first
        while let record = try next() {
            while let offset = left.first, offset <= record.offset {
                moved[offset] = position
                left.removeFirst()
            }
            if left.isEmpty { return moved }
            position += 1
        }
        for offset in left { moved[offset] = position }
        return moved
    }
}
