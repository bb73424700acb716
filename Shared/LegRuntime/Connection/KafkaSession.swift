// SPDX-License-Identifier: Apache-2.0

import Kafka
import Logging
import Operations

/// What the exactly-once loops need, connected: a group member, and transactional producers that have fenced their
/// predecessors.
struct KafkaSession: Sendable {
    let consumer: GroupConsumer
    let transactions: AlternatingProducers
    private let context: ProcessContext
    private let plan: Plan

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
        let transactions = try producers(context, plan)
        try await context.persistently(plan.part, "initialise transactions") { try await transactions.initialise() }
        context.readiness.set(false, for: plan.part, reason: "joining the group \(plan.group.group)")
        let consumer = try GroupConsumer(context.kafka, group: plan.group, rebalance: rebalance, logger: context.logger)
        return KafkaSession(consumer: consumer, transactions: transactions, context: context, plan: plan)
    }

    private static func producers(_ context: ProcessContext, _ plan: Plan) throws -> AlternatingProducers {
        try AlternatingProducers(
            context.kafka, transactionalID: plan.transactionalID, count: plan.transactions.producers,
            transactionTimeout: plan.transactions.timeout, logger: context.logger)
    }

    /// Leaves the group and closes, in bounded time: without a broker there is nobody to say goodbye to.
    /// - Parameter result: How the session's work ended.
    func close(after result: Result<Void, any Error>) async {
        let left = await hasEnded(within: .seconds(3)) {
            await consumer.close()
            await transactions.close()
        }
        if !left { context.logger.notice("the group was not left in time; its coordinator will notice") }
        guard case .failure(let error as KafkaError) = result, error.code == .outcomeUnknown else { return }
        await settle()
    }

    /// Has new producers with the same ids end and fence what the destroyed ones left, so that a late request of theirs
    /// changes nothing and no reader waits for it. The next process may have another name, and would not do it.
    private func settle() async {
        let (context, plan) = (context, plan)
        let settled = await hasEnded(within: .seconds(4)) {
            do {
                let successors = try Self.producers(context, plan)
                try await successors.initialise()
                await successors.close()
            } catch {
                context.logger.warning("an unknown outcome is not settled", metadata: ["error": "\(error)"])
            }
        }
        if !settled {
            context.logger.warning(
                "an unknown outcome is not settled in time; the broker does it after the transaction's timeout")
        }
    }
}
