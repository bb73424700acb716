// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import RelayClients

/// A relay's topics and groups at one moment at which it stood still.
struct BackupLook: Sendable {
    /// By topic, in the order of their names.
    var topics: [TopicDescription]
    var configurations: [String: [String: String]]
    var beginnings: [TopicPartition: Int64]
    var cut: BackupCut
    var groups: [BackupManifest.Group]
    var cluster: String?
}

/// Looks at a relay until it stands still for a moment.
struct StillMoment: Sendable {
    let access: KafkaAccess
    let limit: TimeLimit
    /// Called before each further look, with what was in motion.
    let waiting: @Sendable ([String]) -> Void

    /// - Throws: `RelayFailure` when there is no relay, or when it never stood still; `KafkaError`.
    func find() async throws -> BackupLook {
        try await access.kafka.withAdmin(logger: access.logger) { admin in
            try await access.kafka.withPartitionReader(logger: access.logger, isolationLevel: .readUncommitted) {
                try await find(admin, $0)
            }
        }
    }

    private func find(_ admin: KafkaAdmin, _ outsider: PartitionReader) async throws -> BackupLook {
        let scope = BackupScope(topics: access.topics)
        let topics = try await admin.topics().filter { scope.contains($0.name) }
        guard !topics.isEmpty else {
            throw RelayFailure(
                "no topic there begins with \(access.topics.prefix)",
                remedy: "name the Kafka that the relay uses with --bootstrap-servers, and its RELAY_TOPIC_PREFIX")
        }
        var configurations: [String: [String: String]] = [:]
        for topic in topics { configurations[topic.name] = try await admin.describeTopicConfiguration(topic.name) }
        let partitions = topics.flatMap(\.topicPartitions)
        let deadline = ContinuousClock.now + limit.duration
        while true {
            let before = try await ends(of: partitions, admin, outsider)
            guard let groups = try await groups(over: partitions, scope, admin, until: deadline) else { continue }
            let after = try await ends(of: partitions, admin, outsider)
            switch BackupCut.take(before: before, after: after, isFree: scope.isFree) {
            case .success(let cut):
                let beginnings = try await admin.reach(of: partitions).beginnings
                return BackupLook(
                    topics: topics, configurations: configurations, beginnings: beginnings, cut: cut, groups: groups,
                    cluster: try await admin.clusterID())
            case .failure(let motion):
                guard ContinuousClock.now < deadline else { throw neverStill(motion) }
                waiting(motion.topics)
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...200)))
            }
        }
    }

    private func ends(
        of partitions: [TopicPartition], _ admin: KafkaAdmin, _ outsider: PartitionReader
    ) async throws -> BackupCut.Ends {
        // Of the two, the one that can only be behind is asked for first.
        let stable = try await admin.endOffsets(partitions)
        return BackupCut.Ends(stable: stable, high: try await outsider.endOffsets(partitions))
    }

    /// Nil when a transaction that changes offsets was being decided for too long.
    private func groups(
        over partitions: [TopicPartition], _ scope: BackupScope, _ admin: KafkaAdmin,
        until deadline: ContinuousClock.Instant
    ) async throws -> [BackupManifest.Group]? {
        do {
            return try await groups(over: partitions, scope, admin)
        } catch let error as KafkaError where error.isRetriable && ContinuousClock.now < deadline {
            waiting(["a group's offsets"])
            return nil
        }
    }

    private func groups(
        over partitions: [TopicPartition], _ scope: BackupScope, _ admin: KafkaAdmin
    ) async throws -> [BackupManifest.Group] {
        var groups: [BackupManifest.Group] = []
        for name in try await admin.groups() where scope.contains(name) {
            let offsets = try await admin.committedOffsets(group: name, partitions: partitions)
            guard !offsets.isEmpty else { continue }
            groups.append(
                BackupManifest.Group(
                    name: name,
                    offsets: offsets.sorted { $0.topicPartition < $1.topicPartition }.map { offset in
                        BackupManifest.Offset(
                            topic: offset.topicPartition.topic, partition: offset.topicPartition.partition,
                            offset: offset.offset, text: offset.metadata)
                    }))
        }
        return groups
    }

    private func neverStill(_ motion: BackupCut.InMotion) -> RelayFailure {
        RelayFailure(
            "the relay did not stand still for a moment within \(limit.description): "
                + "\(motion.topics.joined(separator: ", ")) moved",
            remedy: "try at a quieter time, wait longer with --timeout, or stop the services for the backup: Kafka "
                + "alone is needed for it")
    }
}
