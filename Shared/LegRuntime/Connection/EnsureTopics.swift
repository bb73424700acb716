// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Logging
public import Operations

/// Creates the suite's topics that are missing. One that exists with another number of partitions is logged and left
/// alone. `RELAY_CONTROL_PARTITIONS` (8) and `RELAY_TOPIC_REPLICATION` (-1: the cluster's default) decide how they are
/// made.
/// - Throws: `KafkaError`; `ConfigurationError`.
public func ensureTopics(_ context: ProcessContext) async throws {
    let provision = try TopicProvision(context.configuration)
    let admin = try KafkaAdmin(context.kafka, logger: context.logger)
    do {
        try await ensure(provision, admin, context.logger)
        await admin.close()
    } catch {
        await admin.close()
        throw error
    }
}

private func ensure(_ provision: TopicProvision, _ admin: KafkaAdmin, _ logger: Logger) async throws {
    let present = Dictionary(try await admin.topics().map { ($0.name, $0.partitions.count) }) { first, _ in first }
    for plan in provision.plans {
        guard let count = present[plan.name], count != Int(plan.partitions) else { continue }
        logger.warning(
            "a topic has another number of partitions than planned; it is used as it is",
            metadata: ["topic": "\(plan.name)", "partitions": "\(count)", "planned": "\(plan.partitions)"])
    }
    let created = try await provision.create(with: admin)
    if !created.isEmpty { logger.info("topics created", metadata: ["count": "\(created.count)"]) }
}
