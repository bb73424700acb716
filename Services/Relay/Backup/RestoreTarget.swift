// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import RelayClients

/// What is there, where a backup is to be restored to.
struct RestoreTarget: Sendable, Equatable {
    struct Topic: Sendable, Equatable {
        var name: String
        var partitions: Int
        /// Offsets that were ever given out, over all partitions.
        var offsets: Int64
    }

    struct Group: Sendable, Equatable {
        var name: String
        var members: Int
        var offsets: Int
    }

    /// Those of the backup's prefix.
    var topics: [Topic] = []
    var groups: [Group] = []

    /// Everything that stands in the way, one sentence each.
    func problems(for manifest: BackupManifest, prefix: String) -> [String] {
        var problems: [String] = []
        if prefix != manifest.prefix {
            problems.append(
                "the backup's names begin with \(manifest.prefix), and RELAY_TOPIC_PREFIX is \(prefix): entries of the "
                    + "ledger name their topics, so they cannot be changed")
        }
        for topic in topics {
            if topic.offsets > 0 {
                problems.append("the topic \(topic.name) is not empty: it was written to \(topic.offsets) times")
            }
            guard let wanted = manifest.topics.first(where: { $0.name == topic.name }),
                wanted.partitions.count != topic.partitions
            else { continue }
            problems.append(
                "the topic \(topic.name) has \(topic.partitions) partitions, and the backup \(wanted.partitions.count)")
        }
        for group in groups {
            if group.members > 0 { problems.append("the group \(group.name) has \(group.members) members") }
            if group.offsets > 0 { problems.append("the group \(group.name) has committed offsets") }
        }
        return problems
    }

    /// Looks at a cluster.
    static func look(_ access: KafkaAccess, _ admin: KafkaAdmin) async throws -> RestoreTarget {
        let scope = BackupScope(topics: access.topics)
        let found = try await admin.topics().filter { scope.contains($0.name) }
        let partitions = found.flatMap(\.topicPartitions)
        let ends = try await access.kafka.withPartitionReader(
            logger: access.logger, isolationLevel: .readUncommitted
        ) { try await $0.endOffsets(partitions) }
        var target = RestoreTarget()
        for topic in found {
            let written = ends.filter { $0.key.topic == topic.name }.reduce(0) { $0 + $1.value }
            target.topics.append(Topic(name: topic.name, partitions: topic.partitions.count, offsets: written))
        }
        let names = try await admin.groups().filter(scope.contains)
        for description in try await admin.describeGroups(names) {
            let offsets = try await admin.committedOffsets(group: description.name, partitions: partitions)
            target.groups.append(
                Group(name: description.name, members: description.members.count, offsets: offsets.count))
        }
        return target
    }
}
