// SPDX-License-Identifier: Apache-2.0

import Kafka
import Logging
import Operations

/// What the exactly-once loops need, connected: a group member, and transactional producers that have fenced their
/// predecessors.
struct KafkaSession: Sendable {
    let consumer: GroupConsumer
    let transactions: AlternatingProducers

    /// How a session is to be made.
    struct Plan: Sendable {
        let part: String
        let group: ConsumerGroupConfiguration
        let transactionalID: String
        let transactions: TransactionSettings
    }

    /// Waits for a broker as long as it takes.
    static func open(
        _ context: ProcessContext, _ plan: Plan, rebalance: any RebalanceHandler
    ) async throws -> KafkaSession {
        try await context.persistently(plan.part, "create topics") { try await ensureTopics(context) }
        let transactions = try AlternatingProducers(
            context.kafka, transactionalID: plan.transactionalID, count: plan.transactions.producers,
            transactionTimeout: plan.transactions.timeout, logger: context.logger)
        try await context.persistently(plan.part, "initialise transactions") { try await transactions.initialise() }
        context.readiness.set(false, for: plan.part, reason: "joining the group \(plan.group.group)")
        let consumer = try GroupConsumer(context.kafka, group: plan.group, rebalance: rebalance, logger: context.logger)
        return KafkaSession(consumer: consumer, transactions: transactions)
    }

    /// Leaves the group and closes, in bounded time: without a broker there is nobody to say goodbye to.
    func close(_ logger: Logger) async {
        let left = await within(.seconds(3)) {
            await consumer.close()
            await transactions.close()
        }
        if !left { logger.notice("the group was not left in time; its coordinator will notice") }
    }
}
