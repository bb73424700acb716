// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Logging
import Operations
import Synchronization

extension LegWorker {
    /// Group commit: whatever finished while the last transaction ran goes into the next one, and no timer delays it.
    func commit(_ session: KafkaSession) async throws {
        for await _ in desk.handoffs.calls { try await handOffAll(session, isSweep: false) }
        throw CancellationError()
    }

    /// Commits the offsets of what was passed over, a while after it was: in each lane every assignment of the other
    /// one is, and a transaction for each would slow the handoff that everybody waits for.
    func sweep(_ session: KafkaSession) async throws {
        for await _ in desk.moves.calls {
            try await Task.sleep(for: settings.stalls.sweepDelay)
            try await handOffAll(session, isSweep: true)
        }
        throw CancellationError()
    }

    private func handOffAll(_ session: KafkaSession, isSweep: Bool) async throws {
        var backoff = Backoff()
        var again = true
        while again {
            do {
                again = try await handOff(session, isSweep: isSweep)
                backoff.reset()
            } catch let error as KafkaError where error.heals {
                logger.warning("a handoff is not committed and is tried again", metadata: ["error": "\(error)"])
                try await backoff.wait()
            }
        }
    }

    /// Runs one transaction with everything that is finished.
    /// - Parameter isSweep: Whether moved offsets alone are reason enough for one.
    /// - Returns: Whether there was something to commit.
    /// - Throws: `KafkaError`; the results are kept unless their partitions are lost.
    func handOff(_ session: KafkaSession, isSweep: Bool = true) async throws -> Bool {
        try await gate.pass { try await handOffInGate(session, isSweep: isSweep) }
    }

    /// As `handOff`, for who is inside the gate already.
    func handOffInGate(_ session: KafkaSession, isSweep: Bool = true) async throws -> Bool {
        guard let batch = desk.beginHandoff(isSweep: isSweep) else { return false }
        let begun = ContinuousClock.now
        do {
            // A generation from before the last rebalance would be fenced: it is read for every transaction.
            let membership = GroupMembership(of: session.consumer)
            try await session.transactions.commit(
                batch.outputs.flatMap(\.records), offsets: batch.offsets, membership: membership)
        } catch {
            desk.endHandoff(batch, committed: false)
            metrics.transactions.aborted.add()
            guard let cause = error as? KafkaError, cause.heals else { throw error }
            if try streak.aborted(cause) {
                context.readiness.set(false, for: part, reason: "handoffs cannot be committed: \(cause.message)")
            }
            throw error
        }
        desk.endHandoff(batch, committed: true)
        if streak.committed() { setReady() }
        metrics.transactions.seconds.record(ContinuousClock.now - begun)
        for output in batch.outputs {
            if let outcome = output.outcome { metrics.handoffs[outcome]?.add() } else { metrics.deadLetters.add() }
        }
        return true
    }

    func setReady() {
        context.readiness.set(true, for: part, reason: "member of \(topics.group(work.leg, settings.lane))")
    }
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
