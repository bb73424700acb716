// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// A producer that writes records and consumed offsets as one transaction.
///
/// One instance per transactional id: a newer one with the same id fences the older, whose next call throws
/// `.fenced`. All calls run on a thread of its own.
///
/// The outcome of a commit that timed out cannot be known with the transaction protocol of librdkafka 2.0.2 (a late
/// EndTxn may still arrive), so it is fatal: a new instance with the same id settles it in `initialise`.
public final class TransactionalProducer: Sendable {
    let handle: ClientHandle
    let timeout: Duration
    let topics = TopicKnowledge()
    let thread: ProducerThread
    let opening = TransactionOpening()
    private let failure = Mutex<KafkaError?>(nil)

    /// Connects in the background.
    /// - Parameters:
    ///   - transactionalID: unique among live instances, the same across restarts of one.
    ///   - transactionTimeout: after which the broker aborts, at least 1 s. It bounds how long readers of committed
    ///     records can be held up by a producer that died, and how long `commit` may take.
    public convenience init(
        _ configuration: KafkaConfiguration, transactionalID: String, transactionTimeout: Duration, logger: Logger
    ) throws {
        try self.init(
            configuration, transactionalID: transactionalID, transactionTimeout: transactionTimeout, logger: logger,
            thread: ProducerThread())
    }

    /// - Parameter thread: Where the calls are made; it is not closed with this producer alone.
    init(
        _ configuration: KafkaConfiguration, transactionalID: String, transactionTimeout: Duration, logger: Logger,
        thread: ProducerThread
    ) throws {
        let operation = "make a transactional producer"
        guard !transactionalID.isEmpty, transactionTimeout >= .seconds(1) else {
            throw KafkaError(
                code: .invalidConfiguration, operation: operation,
                message: "it needs a transactional id that is not empty and a timeout of at least 1 s")
        }
        var settings = try ClientSettings(configuration, operation: operation)
        settings.set(KafkaProducer.properties)
        settings.set([
            "transactional.id": transactionalID,
            "transaction.timeout.ms": "\(transactionTimeout.wholeMilliseconds)",
            "message.timeout.ms": "\(transactionTimeout.wholeMilliseconds)",
            // librdkafka refuses a request timeout that is longer than the transaction's.
            "socket.timeout.ms": "\(min(transactionTimeout, .seconds(10)).wholeMilliseconds)",
            // What is in a transaction is complete when it is handed over: there is nothing to wait for.
            "linger.ms": "0",
        ])
        // Delivery reports come by callback: commit and abort wait for them inside librdkafka, on our thread. Those of
        // success are needed too: without them 2.0.2 does not notice the last one and waits on for up to 10 ms.
        handle = try ClientHandle(.producer, settings, events: 0, logger: logger, operation: operation)
        timeout = transactionTimeout
        self.thread = thread
        thread.add(handle)
    }

    /// Registers the id: ends what an earlier instance left open and fences it. Once, before the first `commit`.
    ///
    /// Waits up to a minute for the cluster; a retriable error may then be answered by calling again.
    public func initialise() async throws {
        try checkUsable("initialise transactions")
        let handle = handle
        let patience = Patience(handle, .seconds(60))
        do {
            try await withTaskCancellationHandler {
                try await run("initialise transactions", within: .seconds(90)) {
                    try handle.initialiseTransactions(patience)
                }
            } onCancel: {
                patience.giveUp()
            }
        } catch {
            try Task.checkCancellation()
            throw error
        }
    }

    /// Begins a transaction, writes the records, adds the offsets, commits.
    ///
    /// Cancelling the task does not stop it: the outcome is needed either way.
    /// - Parameters:
    ///   - offsets: the consumed input, to be committed for `group`.
    ///   - group: of the consumer that read it, taken for this transaction; fences members that lost their partitions.
    /// - Throws: `KafkaError`. With `requiresAbort` the transaction is aborted already: rewind and repeat. With
    ///   `isFatal` (fenced, outcome unknown, and every error that librdkafka puts no flag on) close this instance.
    public func commit(
        _ records: [ProducerRecord], offsets: [CommittedOffset] = [], group: ConsumerGroupMetadata? = nil
    ) async throws {
        try await commit(records, offsets: offsets, membership: group.map { GroupMembership($0) })
    }

    /// As above, with a membership that may be read when it is needed, and records that are made then.
    public func commit(
        _ records: [ProducerRecord], late: [LateRecord] = [], offsets: [CommittedOffset], membership: GroupMembership?
    ) async throws {
        try checkUsable("commit a transaction")
        guard !records.isEmpty || !late.isEmpty || !offsets.isEmpty else { return }
        guard offsets.isEmpty || membership != nil else {
            throw KafkaError(
                code: .invalidState, operation: "commit a transaction",
                message: "offsets are given without the metadata of their group")
        }
        let transaction = Transaction(
            handle: handle, topics: topics, records: records, late: late, offsets: offsets, group: membership,
            opening: opening)
        let (timeout, deadline) = (timeout, ContinuousClock.now + timeout)
        try await run("commit a transaction", within: timeout + .seconds(5)) {
            try transaction.execute(until: deadline)
        }
    }

    /// Whether the coordinator made the last transaction wait, as it does for the markers of the one before.
    var hadToWait: Bool { handle.context.hadToWait }

    /// Begins the next transaction ahead, so that `commit` need not. Nothing leaves the client by that: for the broker
    /// a transaction begins with what is put into it.
    func prepare() {
        let (handle, opening) = (handle, opening)
        do {
            try thread.calls.submit("begin a transaction") { opening.begin(handle) }
        } catch {
            // Closed, or its queue is full: `commit` will say so.
            handle.context.note(error)
        }
    }

    /// Frees everything; an open transaction is left for the broker, or the next `initialise`, to abort.
    public func close() async { await thread.close() }

    func checkUsable(_ operation: String) throws {
        guard var error = failure.withLock({ $0 }) else { return }
        error.operation = operation
        throw error
    }

    func run(
        _ operation: String, within limit: Duration, _ body: @escaping @Sendable () throws -> Void
    ) async throws {
        do {
            try await thread.run(operation, within: limit, body)
        } catch let error as KafkaError where error.isFatal {
            failure.withLock { first in
                if first == nil { first = error }
            }
            throw error
        }
    }
}
