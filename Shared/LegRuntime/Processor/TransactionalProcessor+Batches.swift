// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Logging
import Operations
import ServiceLifecycle

extension TransactionalProcessor {
    /// Processes a batch: in one transaction if all is well, else in portions that isolate what cannot be processed.
    /// - Parameter isDraining: Whether it goes on although the process shuts down.
    func takeBatch(
        _ records: [ConsumerRecord], _ session: KafkaSession, isDraining: Bool = false
    ) async throws {
        consumed.add(Double(records.count))
        var isolation = RecordIsolation(records, attempts: plan.transactions.poisonAttempts)
        var backoff = Backoff()
        while let portion = isolation.next, isDraining || !Task.isShuttingDownGracefully {
            do {
                try await transact(Array(portion), session)
                poison.processed()
            } catch let fault as RecordFault {
                let verdict = isolation.failed(isDeterministic: fault.isDeterministic)
                context.logger.warning(
                    "records cannot be processed",
                    metadata: [
                        "processor": "\(plan.part)", "records": "\(portion.count)", "next": "\(verdict)",
                        "error": "\(fault.cause)",
                    ])
                switch verdict {
                case .halved: continue
                case .again:
                    try await backoff.wait()
                    continue
                case .poison(let attempts):
                    try poison.check(fault.cause)
                    try await setAside(portion[portion.startIndex], fault, attempts, session)
                    poison.setAside()
                }
            }
            isolation.done()
            backoff.reset()
        }
        // What is left over belongs to the next owner, who reads it again.
    }

    /// Processes nothing but time.
    func tickOnce(_ session: KafkaSession) async throws {
        do {
            try await transact([], session)
        } catch let fault as RecordFault {
            throw ProcessorFailure(processor: plan.part, cause: fault.cause)
        }
    }

    /// Commits the offsets of batches that led to nothing.
    func sweep(_ session: KafkaSession) async throws {
        try await commit(Outputs(), offsets.behind, session)
    }

    /// Runs one transaction, or none when there is nothing to write.
    /// - Throws: `RecordFault` when it is the records' fault; the processor has forgotten them.
    private func transact(_ records: [ConsumerRecord], _ session: KafkaSession) async throws {
        let outputs: Outputs
        do {
            outputs = try await processor.process(records, now: clock.now())
        } catch {
            await processor.settle(committed: false)
            try await judge(error, isAboutRecords: !records.isEmpty, session)
        }
        guard !outputs.isEmpty else {
            offsets.pass(records)
            return await processor.settle(committed: true)
        }
        do {
            try await commit(outputs, offsets.after(records), session)
        } catch {
            await processor.settle(committed: false)
            if let error = error as? KafkaError {
                // Refused for what it is, not for when it came: reading it again would not help.
                if error.blamesRecords, !records.isEmpty { throw RecordFault(cause: error, isDeterministic: false) }
                if error.heals { try await rewind(session) }
            }
            throw error
        }
        await processor.settle(committed: true)
    }

    /// Decides whose fault an error of the processor is.
    private func judge(_ error: any Error, isAboutRecords: Bool, _ session: KafkaSession) async throws -> Never {
        switch error {
        case is CancellationError: throw error
        case let error as KafkaError where error.heals:
            try await rewind(session)
            throw error
        case is KafkaError, is any DiagnosedError: throw ProcessorFailure(processor: plan.part, cause: error)
        default:
            guard isAboutRecords else { throw ProcessorFailure(processor: plan.part, cause: error) }
            throw RecordFault(cause: error, isDeterministic: error is Refusal)
        }
    }

    /// Writes a record to the dead letters, in the transaction that moves past it.
    private func setAside(
        _ record: ConsumerRecord, _ fault: RecordFault, _ attempts: Int, _ session: KafkaSession
    ) async throws {
        let letter = deadLetter(
            record, reason: "\(fault.cause)", reader: "\(context.configuration.service).\(plan.part)",
            topics: context.topics, attempts: attempts)
        do {
            try await commit(Outputs([letter]), offsets.after([record]), session)
        } catch let error as KafkaError where error.heals {
            try await rewind(session)
            throw error
        }
        context.logger.error(
            "a record cannot be processed and went to the dead letters",
            metadata: ["record": "\(record.topicPartition)@\(record.offset)", "reason": "\(fault.cause)"])
    }

    private func commit(
        _ outputs: Outputs, _ next: [CommittedOffset], _ session: KafkaSession
    ) async throws {
        let begun = ContinuousClock.now
        do {
            // A generation from before the last rebalance would be fenced: it is read for every transaction.
            let membership = GroupMembership(of: session.consumer)
            try await session.transactions.commit(
                outputs.records, late: outputs.late, offsets: next, membership: membership)
        } catch {
            metrics.aborted.add()
            guard let cause = error as? KafkaError, cause.heals else { throw error }
            if try streak.aborted(cause) {
                context.readiness.set(false, for: plan.part, reason: "nothing is committed: \(cause.message)")
            }
            throw error
        }
        offsets.move(to: next)
        // Also those that the processor itself set aside.
        deadLetters.add(Double(outputs.count(to: context.topics.deadLetters)))
        metrics.seconds.record(ContinuousClock.now - begun)
        if streak.committed() {
            context.readiness.set(true, for: plan.part, reason: "transactions are committed again")
        }
    }

    /// Reads on from what is committed.
    private func rewind(_ session: KafkaSession) async throws {
        var backoff = Backoff()
        for attempt in 1... {
            do {
                return try await session.consumer.seek(offsets.starts)
            } catch let error as KafkaError {
                // Reading on without having rewound would skip records.
                guard error.heals, attempt < 10 else { throw ProcessorFailure(processor: plan.part, cause: error) }
                context.logger.warning("rewinding fails and is tried again", metadata: ["error": "\(error)"])
                try await backoff.wait()
            }
        }
    }
}

/// Records could not be processed, through no fault of anything else.
private struct RecordFault: Error {
    let cause: any Error
    /// Trying again would fail again.
    let isDeterministic: Bool
}

extension KafkaError {
    /// Whether a broker refused what was written, so that the same outputs would be refused again.
    fileprivate var blamesRecords: Bool {
        requiresAbort && (code == .messageTooLarge || code == .invalidRecord)
    }
}
