// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Logging
import Operations
import Synchronization

extension LegWorker {
    /// Group commit: whatever finished while the last transaction ran goes into the next one, and no timer delays it.
    func commit(_ session: KafkaSession) async throws {
        var backoff = Backoff()
        var failures = 0
        for await _ in desk.handoffs.signals {
            var again = true
            while again {
                do {
                    again = try await handOff(session)
                    if failures >= Self.alarmingFailures { setReady() }
                    failures = 0
                    backoff.reset()
                } catch let error as KafkaError where error.heals {
                    failures += 1
                    logger.warning("a handoff is not committed and is tried again", metadata: ["error": "\(error)"])
                    if failures == Self.alarmingFailures {
                        context.readiness.set(
                            false, for: part, reason: "handoffs cannot be committed: \(error.message)")
                    }
                    try await backoff.wait()
                }
            }
        }
        throw CancellationError()
    }

    /// Runs one transaction with everything that is finished.
    /// - Returns: Whether there was something to commit.
    /// - Throws: `KafkaError`; the results are kept unless their partitions are lost.
    func handOff(_ session: KafkaSession) async throws -> Bool {
        try await gate.pass { try await handOffInGate(session) }
    }

    /// As `handOff`, for who is inside the gate already.
    func handOffInGate(_ session: KafkaSession) async throws -> Bool {
        guard let batch = desk.beginHandoff() else { return false }
        let begun = ContinuousClock.now
        do {
            // A generation from before the last rebalance would be fenced: it is read for every transaction.
            let membership = GroupMembership(of: session.consumer)
            try await session.transactions.commit(
                batch.outputs.flatMap(\.records), offsets: batch.offsets, membership: membership)
        } catch {
            desk.endHandoff(batch, committed: false)
            metrics.transactions.aborted.add()
            throw error
        }
        desk.endHandoff(batch, committed: true)
        metrics.transactions.committed.add()
        metrics.transactions.seconds.record(ContinuousClock.now - begun)
        for output in batch.outputs {
            if let outcome = output.outcome { metrics.handoffs[outcome]?.add() } else { metrics.deadLetters.add() }
        }
        return true
    }

    func setReady() {
        context.readiness.set(true, for: part, reason: "member of \(topics.group(work.leg, settings.lane))")
    }

    /// From this many failed transactions in a row on, the worker is not ready.
    private static let alarmingFailures = 3
}

/// Keeps revocations and transactions apart, and the desk in step with the group.
struct LegRebalances: RebalanceHandler {
    let worker: LegWorker

    func assigned(_ partitions: [TopicPartition], committed: [CommittedOffset]) async throws {
        for partition in worker.desk.assign(partitions, committed: committed) {
            worker.logger.warning(
                "the map of finished work is of another version; finished work may be done again",
                metadata: ["partition": "\(partition)"])
        }
        worker.logger.info("partitions assigned", metadata: ["partitions": "\(partitions.count)"])
        worker.setReady()
    }

    func revoked(_ partitions: [TopicPartition], lost: Bool) async {
        await worker.gate.pass {
            if !lost, let session = worker.session.withLock({ $0 }) { await handOffLast(session) }
            let paused = worker.desk.revoke(partitions)
            if !paused.isEmpty { await resume(paused) }
        }
        worker.logger.info(
            "partitions revoked", metadata: ["partitions": "\(partitions.count)", "lost": "\(lost)"])
    }

    /// A pause must not outlive the assignment: the partition may come back.
    private func resume(_ paused: [TopicPartition]) async {
        do {
            try await worker.session.withLock { $0 }?.consumer.resume(paused)
        } catch {
            worker.logger.debug("revoked partitions are not resumed", metadata: ["error": "\(error)"])
        }
    }

    /// What is finished goes out before the partitions do.
    private func handOffLast(_ session: KafkaSession) async {
        do {
            _ = try await worker.handOffInGate(session)
        } catch let error as KafkaError where error.heals {
            worker.logger.warning(
                "finished work is not handed off and will be done again", metadata: ["error": "\(error)"])
        } catch {
            worker.failure.withLock { $0 = $0 ?? error }
        }
    }
}
