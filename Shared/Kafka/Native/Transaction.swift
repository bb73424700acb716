// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka
import Synchronization

/// One transaction from begin to commit or abort, run on the producer's thread.
struct Transaction: Sendable {
    let handle: ClientHandle
    let topics: TopicKnowledge
    let records: [ProducerRecord]
    /// Handed over after the others.
    var late: [LateRecord] = []
    let offsets: [CommittedOffset]
    let group: GroupMembership?
    let opening: TransactionOpening

    /// - Throws: an error with `requiresAbort` after having aborted, else a fatal one, else a retriable one of
    ///   `begin`, after which nothing has happened.
    func execute(until deadline: ContinuousClock.Instant) throws {
        learnTopics()
        do {
            try attempt(until: deadline)
        } catch let error as KafkaError where error.code == .sequenceLost && error.requiresAbort {
            // librdkafka 2.0.2 leaves a gap in the sequence when a broker has refused a record for good. The broker
            // then refuses the next transaction, whose abort closes the gap with a new epoch: so do that one again.
            handle.context.note(error)
            try attempt(until: deadline)
        }
    }

    /// Does everything but the commit, and aborts: nobody sees anything of it.
    /// - Throws: what made it impossible, after having aborted; else a fatal error.
    func rehearse(until deadline: ContinuousClock.Instant) throws {
        learnTopics()
        try attempt(until: deadline, end: rehearseCommit)
    }

    /// Waits for the records to be acknowledged, as a commit would, and aborts.
    private func rehearseCommit(until deadline: ContinuousClock.Instant) throws {
        let code = rd_kafka_flush(handle.client, deadline.remaining.wholeMilliseconds)
        try handle.check(code, "write the records")
        if let failure = handle.context.takeDeliveryError() { throw failure }
        try abort(until: deadline)
    }

    private func attempt(until deadline: ContinuousClock.Instant) throws {
        try attempt(until: deadline, end: commit)
    }

    private func attempt(
        until deadline: ContinuousClock.Instant, end: (ContinuousClock.Instant) throws -> Void
    ) throws {
        _ = handle.context.takeDeliveryError()
        handle.context.beginTransaction()
        try opening.enter(handle)
        do {
            try produce(until: deadline)
            if let group, !offsets.isEmpty { try sendOffsets(group, until: deadline) }
            try end(deadline)
        } catch let error as KafkaError where !error.isFatal {
            try abort(until: deadline)
            var cause = error
            // "Some records failed" says less than why the first of them did.
            if let delivery = handle.context.takeDeliveryError(), delivery.code != .closed { cause.explain(delivery) }
            cause.requiresAbort = true
            cause.isRetriable = false
            throw cause
        }
    }

    private func learnTopics() {
        records.withUnsafeBufferPointer { records in
            for index in records.indices where index == 0 || records[index].topic != records[index - 1].topic {
                let topic = records[index].topic
                if topics.claim(topic) { topics.learn(topic, with: handle) }
            }
        }
        for record in late where topics.claim(record.topic) { topics.learn(record.topic, with: handle) }
    }

    /// By place and not by element: a copy of each record would cost more than all else that is done about it here.
    private func produce(until deadline: ContinuousClock.Instant) throws {
        try records.withUnsafeBufferPointer { records in
            var topic: OpaquePointer?
            for index in records.indices {
                if index == 0 || records[index].topic != records[index - 1].topic {
                    topic = try handle.topicHandle(records[index].topic)
                }
                try produce(records[index], topic, until: deadline)
            }
        }
        for promised in late {
            try produce(promised.make(), handle.topicHandle(promised.topic), until: deadline)
        }
    }

    private func produce(
        _ record: ProducerRecord, _ topic: OpaquePointer?, until deadline: ContinuousClock.Instant
    ) throws {
        while true {
            do {
                return try handle.produce(record, topic: topic, opaque: nil, operation: "write to \(record.topic)")
            } catch let error as KafkaError where error.code == .queueFull && ContinuousClock.now < deadline {
                handle.serveCallbacks(waitingUpTo: .milliseconds(10))
            }
        }
    }

    /// Retriable, but not resumable: a retry gives the same offsets again.
    private func sendOffsets(_ group: GroupMembership, until deadline: ContinuousClock.Instant) throws {
        let operation = "add offsets to the transaction"
        let list = PartitionList(offsets)
        var metadata: OpaquePointer?
        try handle.check(
            group.read().serialised.withUnsafeBytes {
                rd_kafka_consumer_group_metadata_read(&metadata, $0.baseAddress, $0.count)
            }, operation)
        defer { rd_kafka_consumer_group_metadata_destroy(metadata) }
        try repeating(operation, until: deadline) {
            rd_kafka_send_offsets_to_transaction(
                handle.client, list.pointer, metadata, deadline.remaining.wholeMilliseconds)
        }
    }

    private func commit(until deadline: ContinuousClock.Instant) throws {
        do {
            // librdkafka recommends -1 for "what is left of the transaction's time", but 2.0.2 then waits for ever.
            try repeating("commit the transaction", until: deadline) {
                rd_kafka_commit_transaction(handle.client, deadline.remaining.wholeMilliseconds)
            }
        } catch let error as KafkaError where error.isRetriable && !error.requiresAbort && !error.isFatal {
            throw error.withUnknownOutcome
        }
    }

    private func abort(until deadline: ContinuousClock.Instant) throws {
        // An abort gets some time of its own: the deadline may be what made it necessary.
        let extended = max(deadline, .now + .seconds(3))
        do {
            try repeating("abort the transaction", until: extended) {
                rd_kafka_abort_transaction(handle.client, extended.remaining.wholeMilliseconds)
            }
        } catch let error as KafkaError where !error.isFatal {
            throw error.withUnknownOutcome
        }
    }

    private func repeating(
        _ operation: String, until deadline: ContinuousClock.Instant, _ call: () -> OpaquePointer?
    ) throws {
        while true {
            do {
                return try handle.check(call(), operation, isTransactional: true)
            } catch let error as KafkaError
                where error.isRetriable && !error.isFatal && !error.requiresAbort && ContinuousClock.now < deadline
            {
                handle.context.note(error)
                // Serving callbacks for a moment keeps an immediate failure from becoming a busy loop.
                handle.serveCallbacks(waitingUpTo: .milliseconds(20))
            }
        }
    }
}

/// Whether the next transaction of a producer is begun already. All calls are made on the producer's thread.
final class TransactionOpening: Sendable {
    private static let operation = "begin a transaction"
    private let isBegun = Atomic(false)

    /// Begins the next transaction ahead. What fails is met again by `enter`.
    func begin(_ handle: ClientHandle) {
        guard !isBegun.load(ordering: .relaxed) else { return }
        if let error = rd_kafka_begin_transaction(handle.client) {
            handle.context.note(KafkaError(consuming: error, operation: Self.operation, isTransactional: true))
        } else {
            isBegun.store(true, ordering: .relaxed)
        }
    }

    /// Begins a transaction, unless that is done.
    func enter(_ handle: ClientHandle) throws {
        if isBegun.exchange(false, ordering: .relaxed) { return }
        try handle.check(rd_kafka_begin_transaction(handle.client), Self.operation, isTransactional: true)
    }
}

extension KafkaError {
    fileprivate var withUnknownOutcome: KafkaError {
        var error = self
        error.code = .outcomeUnknown
        error.isRetriable = false
        error.requiresAbort = false
        error.isFatal = true
        return error
    }

    fileprivate mutating func explain(_ cause: KafkaError) {
        code = cause.code
        nativeName = cause.nativeName
        message += " (\(cause.message))"
    }
}

extension ContinuousClock.Instant {
    var remaining: Duration { max(.zero, self - ContinuousClock.now) }
}

extension ClientHandle {
    /// The call may be repeated: each goes on where the last one stopped.
    func initialiseTransactions(_ patience: Patience) throws {
        while true {
            do {
                let error = rd_kafka_init_transactions(client, patience.nextWait.wholeMilliseconds)
                try check(error, "initialise transactions", isTransactional: true)
                return MainThreadPriority.lower(context)
            } catch let error as KafkaError
                where error.isRetriable && !error.isFatal && !patience.isOver
            {
                context.note(error)
                serveCallbacks(waitingUpTo: .milliseconds(50))
            }
        }
    }

    /// Waits for something to be reported and lets librdkafka call back for it.
    func serveCallbacks(waitingUpTo timeout: Duration) {
        rd_kafka_queue_poll_callback(queue, timeout.wholeMilliseconds)
    }
}
