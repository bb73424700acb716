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
    let configuration = context.configuration
    let partitions = try configuration.int("control-partitions", scope: .suite, default: 8, in: 1...1000)
    let replication = try configuration.int("topic-replication", scope: .suite, default: -1, in: -1...15)
    let admin = try KafkaAdmin(context.kafka, logger: context.logger)
    do {
        try await create(
            context.topics.all(controlPartitions: Int32(partitions)), replication: replication, admin, context.logger)
        await admin.close()
    } catch {
        await admin.close()
        throw error
    }
}

private func create(_ plans: [TopicPlan], replication: Int, _ admin: KafkaAdmin, _ logger: Logger) async throws {
    let present = Dictionary(try await admin.topics().map { ($0.name, $0.partitions.count) }) { first, _ in first }
    for plan in plans {
        guard let count = present[plan.name], count != Int(plan.partitions) else { continue }
        logger.warning(
            "a topic has another number of partitions than planned; it is used as it is",
            metadata: ["topic": "\(plan.name)", "partitions": "\(count)", "planned": "\(plan.partitions)"])
    }
    let missing = plans.filter { present[$0.name] == nil }
    guard !missing.isEmpty else { return }
    let specifications = missing.map { plan in
        TopicSpecification(
            name: plan.name, partitions: Int(plan.partitions), replicationFactor: replication,
            configuration: plan.properties)
    }
    for creation in try await admin.createTopics(specifications) { try creation.get() }
    logger.info("topics created", metadata: ["count": "\(missing.count)"])
}
