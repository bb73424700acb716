// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka

/// What an audit of the ledger found.
struct LedgerVerdict: Codable, Sendable, Equatable {
    /// The end of each chain.
    var heads: [LedgerHead]
    /// One sentence each; empty when every link holds.
    var violations: [String]
}

/// Reads the whole ledger from outside, committed entries only, and checks it.
struct LedgerAudit: Sendable {
    let access: KafkaAccess

    func run() async throws -> LedgerVerdict {
        let (configuration, topics, logger) = (access.kafka, access.topics, access.logger)
        let admin = try KafkaAdmin(configuration, logger: logger)
        let topic = try await admin.topics().first { $0.name == topics.ledger }
        await admin.close()
        guard let topic else {
            throw RelayFailure(
                "there is no topic \(topics.ledger)",
                remedy: "name the Kafka that the relay uses with --bootstrap-servers")
        }
        let reader = try PartitionReader(configuration, logger: logger)
        var verifier = LedgerVerifier()
        let partitions = topic.partitions.map { TopicPartition(topic: topics.ledger, partition: $0) }
        try await reader.readToEnd(partitions) { records in
            for record in records {
                verifier.check(value: record.value ?? [], in: String(record.topicPartition.partition))
            }
        }
        await reader.close()
        verifier.finish()
        return LedgerVerdict(heads: verifier.heads, violations: verifier.violations.map(\.description))
    }
}
