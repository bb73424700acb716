// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// Transactional producers that take turns, so that a transaction never waits until the broker has written the markers
/// of the one before.
///
/// Kafka answers the end of a transaction when its outcome is decided, and writes the markers afterwards; a producer
/// that begins again at once is told to wait (`CONCURRENT_TRANSACTIONS`). Another producer is not. Turns begin when
/// that happens for the first time: where no broker makes anybody wait, one producer alone costs less.
///
/// Why turns keep the order:
/// - A transaction begins when the outcome of the one before is known, never sooner; then it begins at once, in the
///   client alone, so that nobody has to wait for that who has something to write. So its offsets are appended to
///   the group's log after those of the one before, and the coordinator lets the newest append win, in whichever order
///   the markers come.
/// - All producers are initialised before the first transaction of any: a successor with the same ids has ended and
///   fenced every one of its predecessor's, before it reads on.
/// - Whatever ends one of them (fenced, outcome unknown) ends all: nothing is committed behind an unknown outcome.
///
/// What is decided and not marked yet is not seen by committed readers. Whoever takes partitions over gets the group's
/// offsets only when they are stable (KIP-447), and has to restore state up to `PartitionReader.readAll`'s end.
public final class AlternatingProducers: Sendable {
    private struct State {
        var initialised = 0
        var next = 0
        var takesTurns: Bool
        var isCommitting = false
        var failure: KafkaError?
    }

    private let thread = ProducerThread()
    private let producers: [TransactionalProducer]
    private let state: Mutex<State>

    /// Connects in the background.
    /// - Parameters:
    ///   - transactionalID: unique among live instances; each producer's id is this with its number, as in `id.0`.
    ///   - count: how many take turns: 2 is enough to never wait for markers, 1 is a producer alone.
    ///   - transactionTimeout: as of `TransactionalProducer`.
    public convenience init(
        _ configuration: KafkaConfiguration, transactionalID: String, count: Int, transactionTimeout: Duration,
        logger: Logger
    ) throws {
        try self.init(
            configuration, transactionalID: transactionalID, count: count, takesTurns: false,
            transactionTimeout: transactionTimeout, logger: logger)
    }

    /// - Parameter takesTurns: From the first transaction on.
    init(
        _ configuration: KafkaConfiguration, transactionalID: String, count: Int, takesTurns: Bool,
        transactionTimeout: Duration, logger: Logger
    ) throws {
        guard (1...2).contains(count) else {
            throw KafkaError(
                code: .invalidConfiguration, operation: "make transactional producers",
                message: "\(count) producers cannot take turns; it is 1 or 2")
        }
        state = Mutex(State(takesTurns: takesTurns))
        producers = try (0..<count).map { [thread] number in
            try TransactionalProducer(
                configuration, transactionalID: "\(transactionalID).\(number)",
                transactionTimeout: transactionTimeout, logger: logger, thread: thread)
        }
    }

    /// Registers all ids: ends what earlier instances left open and fences them. Before the first `commit`.
    ///
    /// A retriable error may be answered by calling again: it goes on with those that are not registered yet.
    public func initialise() async throws {
        while true {
            let number = state.withLock { $0.initialised }
            guard number < producers.count else { return }
            try await producers[number].initialise()
            state.withLock { $0.initialised = max($0.initialised, number + 1) }
            if number == 0 { producers[0].prepare() }
        }
    }

    /// Runs one transaction on the producer whose turn it is, as `TransactionalProducer.commit` does. One at a time.
    public func commit(
        _ records: [ProducerRecord], offsets: [CommittedOffset] = [], group: ConsumerGroupMetadata? = nil
    ) async throws {
        try await commit(records, offsets: offsets, membership: group.map { GroupMembership($0) })
    }

    /// As above, with a membership that may be read when it is needed, and records that are made then.
    public func commit(
        _ records: [ProducerRecord], late: [LateRecord] = [], offsets: [CommittedOffset], membership: GroupMembership?
    ) async throws {
        let producer = try begin()
        do {
            try await producer.commit(records, late: late, offsets: offsets, membership: membership)
            end(producer, nil)
        } catch {
            end(producer, error)
            throw error
        }
    }

    /// Whether the producers take turns by now.
    var takesTurns: Bool { state.withLock { $0.takesTurns } }

    private func begin() throws -> TransactionalProducer {
        let operation = "commit a transaction"
        return try state.withLock { state in
            if var failure = state.failure {
                failure.operation = operation
                throw failure
            }
            guard state.initialised == producers.count, !state.isCommitting else {
                throw KafkaError(
                    code: .invalidState, operation: operation,
                    message: state.isCommitting
                        ? "the outcome of the transaction before is not known yet"
                        : "not all producers are initialised")
            }
            state.isCommitting = true
            return producers[state.next]
        }
    }

    private func end(_ producer: TransactionalProducer, _ error: (any Error)?) {
        let next = state.withLock { state in
            state.isCommitting = false
            if producer.hadToWait { state.takesTurns = true }
            if state.takesTurns { state.next = (state.next + 1) % producers.count }
            if let error = error as? KafkaError, error.isFatal { state.failure = error }
            return state.failure == nil ? state.next : nil
        }
        if let next { producers[next].prepare() }
    }

    /// Frees everything; an open transaction is left for the broker, or a successor's `initialise`, to abort.
    public func close() async { await thread.close() }
}
