// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
package import RelayClients

/// Makes a relay again of a backup, and proves that it is the same.
package struct Restoring: Sendable {
    /// What is done at the moment, for whoever waits.
    package enum Stage: Sendable {
        case summing(Int, of: Int)
        case writing(Int, of: Int)
        case reading(Int, of: Int)
    }

    let access: KafkaAccess
    /// Where the backup lies.
    package let directory: String
    /// Copies of each partition; -1 leaves it to the cluster.
    let replication: Int
    let show: @Sendable (Stage) -> Void

    /// Of its parts.
    package init(access: KafkaAccess, directory: String, replication: Int, show: @escaping @Sendable (Stage) -> Void) {
        self.access = access
        self.directory = directory
        self.replication = replication
        self.show = show
    }

    /// Restores the backup.
    package func run() async throws -> BackupManifest {
        try await onFileThreads { try await restore() }
    }

    private func restore() async throws -> BackupManifest {
        let manifest = try BackupManifest.read(in: directory)
        let proof = RestoreProof(manifest: manifest, directory: directory)
        try proof.checkFiles { show(.summing($0, of: $1)) }
        try await access.kafka.withAdmin(logger: access.logger) { try await restore(manifest, proof, $0) }
        return manifest
    }

    private func restore(_ manifest: BackupManifest, _ proof: RestoreProof, _ admin: KafkaAdmin) async throws {
        let problems = try await RestoreTarget.look(access, admin)
            .problems(for: manifest, prefix: access.topics.prefix)
        guard problems.isEmpty else {
            throw RelayFailure(
                "nothing was restored; " + problems.joined(separator: "; "),
                remedy: "restore into a cluster without this relay: stop the services, and delete its topics and "
                    + "groups if they are of no more use")
        }
        try await create(manifest.topics, admin)
        let total = manifest.records
        try await RestoreWriting(access: access, manifest: manifest, directory: directory) { records in
            show(.writing(records, of: total))
        }.run(admin)
        // Before the groups: what cannot be proven must not be worked on.
        try await proof.checkRecords(access) { show(.reading($0, of: total)) }
        try await RestoreOffsets(access: access, manifest: manifest, directory: directory).run(admin)
    }

    private func create(_ topics: [BackupManifest.Topic], _ admin: KafkaAdmin) async throws {
        let specifications = topics.map { topic in
            TopicSpecification(
                name: topic.name, partitions: topic.partitions.count, replicationFactor: replication,
                configuration: topic.configuration.filter { Self.properties.contains($0.key) })
        }
        for creation in try await admin.createTopics(specifications) { try creation.get() }
        let wanted = Set(topics.map(\.name))
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let known = try await admin.topics().filter { wanted.contains($0.name) && $0.leaderless.isEmpty }
            if known.count == wanted.count { return }
            guard ContinuousClock.now < deadline else {
                throw RelayFailure("not every broker knows the new topics after 30 s", remedy: "see the brokers' logs")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// What of a topic's configuration goes with it; the rest is the cluster's own business.
    private static let properties: Set<String> = [
        "cleanup.policy", "retention.ms", "retention.bytes", "max.message.bytes",
    ]
}
