// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

extension Broker {
    /// Open transactions are looked at this often for having run out of time.
    private static let scanInterval = TimeAmount.seconds(1)

    func transaction(
        _ id: String, _ producerID: Int64, _ epoch: Int16
    ) throws(ErrorCode) -> Transaction {
        guard !id.isEmpty else { throw .invalidRequest }
        guard let transaction = transactions[id] else { throw .invalidProducerIDMapping }
        try transaction.checkProducer(id: producerID, epoch: epoch)
        return transaction
    }

    // MARK: Producer ids

    func initialiseProducer(_ request: InitProducerIdRequest) throws(ErrorCode) -> (Int64, Int16) {
        guard let id = request.transactionalID else { return (try newProducerID(), 0) }
        guard !id.isEmpty else { throw .invalidRequest }
        let limit = Int64(configuration.transactionMaxTimeout / .milliseconds(1))
        guard request.transactionTimeoutMilliseconds > 0, Int64(request.transactionTimeoutMilliseconds) <= limit else {
            throw .invalidTransactionTimeout
        }
        guard (request.producerID >= 0) == (request.producerEpoch >= 0) else { throw .invalidRequest }
        var transaction: Transaction
        if let known = transactions[id] {
            transaction = known
        } else {
            transaction = Transaction(id: id, producerID: try newProducerID())
        }
        try transaction.checkExpected(producerID: request.producerID, epoch: request.producerEpoch)
        if transaction.state == .ongoing {
            try abort(id)
            guard let aborted = transactions[id] else { throw .unknownServerError }
            guard !aborted.isEnding else { throw .concurrentTransactions }
            transaction = aborted
        }
        let oldID = transaction.producerID
        let fresh = transaction.needsNewProducerID ? try newProducerID() : nil
        transaction.initialise(
            expectedEpoch: request.producerEpoch, newProducerID: fresh,
            timeoutMilliseconds: request.transactionTimeoutMilliseconds, now: wallClock)
        try record(.transaction(transaction.record))
        if oldID != transaction.producerID { transactionalIDs[oldID] = nil }
        transactionalIDs[transaction.producerID] = id
        transactions[id] = transaction
        return (transaction.producerID, transaction.epoch)
    }

    private func newProducerID() throws(ErrorCode) -> Int64 {
        if nextProducerID >= producerIDLimit {
            try record(.producerBlock(ProducerBlockRecord(next: nextProducerID + Self.producerBlock)))
            producerIDLimit = nextProducerID + Self.producerBlock
        }
        defer { nextProducerID += 1 }
        return nextProducerID
    }

    // MARK: A transaction's life

    func addToTransaction(
        _ id: String, _ producerID: Int64, _ epoch: Int16, partitions: [TopicPartition], groups: [String]
    ) throws(ErrorCode) {
        try checkStorage()
        var transaction = try transaction(id, producerID, epoch)
        guard transaction.add(partitions: partitions, groups: groups, now: wallClock) else { return }
        try record([.transaction(transaction.record)], isAwaited: false)
        transactions[id] = transaction
        scheduleTransactionScan()
    }

    /// Ends a transaction: `done` is called when its outcome is durable and all its effects are applied.
    ///
    /// For a commit the records must be durable before the decision is, and the decision before any marker is
    /// written. An abort needs neither: a transaction that is not known to be committed is aborted.
    func endTransaction(_ id: String, _ outcome: TransactionOutcome, done: @escaping (ErrorCode) -> Void) {
        guard let undecided = transactions[id] else { return done(.invalidProducerIDMapping) }
        var transaction = undecided
        transaction.prepare(outcome, now: wallClock)
        transactions[id] = transaction
        guard outcome == .commit else {
            do throws(ErrorCode) {
                try decide(id)
            } catch {
                transactions[id] = undecided
                return done(error)
            }
            return apply(id, done)
        }
        whenDurable(transaction.partitions) { [unowned self] in
            do throws(ErrorCode) {
                try decide(id)
            } catch {
                // Not written down, so not decided: its owner may ask again.
                transactions[id] = undecided
                return done(error)
            }
            metadataGate.whenDurable { [unowned self] in apply(id, done) }
        }
    }

    /// Answers when the effects of the outcome are applied, or before, as a test may want it.
    private func apply(_ id: String, _ done: (ErrorCode) -> Void) {
        let delay = configuration.markerDelay(id)
        guard delay > .zero else {
            do throws(ErrorCode) {
                try completeTransaction(id, isDecisionDurable: transactions[id]?.outcome == .commit)
            } catch {
                // The decision stands, as its owner is told; nobody begins anew before it is applied.
                completeLater(id)
            }
            return done(.none)
        }
        lateMarkers[id] = loop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(delay / .nanoseconds(1)))) {
            [unowned self] in
            lateMarkers[id] = nil
            do throws(ErrorCode) {
                try completeTransaction(id)
            } catch {
                completeLater(id)
            }
        }
        done(.none)
    }

    /// A decided transaction whose end could not be written (a full disk) is completed when it can.
    func completeLater(_ id: String) {
        logger.error("Markers cannot be written, it will be tried again", metadata: ["transactional-id": "\(id)"])
        incomplete.insert(id)
        scheduleTransactionScan()
    }

    private func completeDelayed() {
        for id in incomplete {
            do throws(ErrorCode) {
                try completeTransaction(id)
                incomplete.remove(id)
            } catch {
                // The cause has been logged; the next scan comes to it again.
                return
            }
        }
    }

    /// Writes the decision, after which the outcome stands.
    private func decide(_ id: String) throws(ErrorCode) {
        guard let transaction = transactions[id] else { throw .invalidProducerIDMapping }
        guard transaction.outcome == .commit else { return try record(.transaction(transaction.record)) }
        let committed = begins(of: transaction)
        // After the decision: a torn end of the log must not tell of a commit that was not decided.
        let records = committed.topics.isEmpty ? [] : [MetadataRecord.committed(committed)]
        try record([.transaction(transaction.record)] + records)
        lastCommits.apply(committed)
    }

    private func begins(of transaction: Transaction) -> CommittedRecord {
        var begins: [TopicPartition: Int64] = [:]
        for id in transaction.partitions {
            let log = try? partition(id.topic, id.partition).log
            begins[id] = log?.producers.entries[transaction.producerID]?.openSince
        }
        return CommittedRecord(producerID: transaction.producerID, begins)
    }

    func whenDurable(_ partitions: Set<TopicPartition>, _ resume: @escaping () -> Void) {
        var gates = partitions.compactMap { try? partition($0.topic, $0.partition) }.map(\.gate)
        func next() {
            guard let gate = gates.popLast() else { return resume() }
            gate.whenDurable(next)
        }
        next()
    }

    /// Applies a decided outcome: markers, offsets, and the record that says that nothing is left to do. Nobody waits
    /// for those to be durable.
    /// - Parameter isDecisionDurable: Whether readers may see the markers before.
    func completeTransaction(_ id: String, isDecisionDurable: Bool = false) throws(ErrorCode) {
        guard var transaction = transactions[id] else { return }
        var ended: [HostedPartition] = []
        defer { sawMore(of: ended) }
        for name in transaction.partitions {
            // A topic that was deleted meanwhile needs no marker; after a restart some markers are there already.
            guard let partition = try? partition(name.topic, name.partition),
                partition.log.producers.isOpen(transaction.producerID)
            else { continue }
            let offset = partition.log.endOffset
            try onStorage("marker in \(name)") {
                try partition.log.appendMarker(
                    transaction.outcome, producerID: transaction.producerID, producerEpoch: transaction.epoch,
                    timestamp: wallClock)
            }
            if isDecisionDurable { partition.showMarker(at: offset) }
            ended.append(partition)
            partition.gate.wrote(upTo: partition.log.endOffset, isAwaited: partition.highWatermark <= offset)
        }
        endOffsets(of: transaction)
        transaction.complete(now: wallClock)
        try record([.transaction(transaction.record)], isAwaited: false)
        transactions[id] = transaction
    }

    func endOffsets(of transaction: Transaction) {
        for group in transaction.groups {
            offsets[group]?.end(producerID: transaction.producerID, outcome: transaction.outcome)
        }
    }

    /// Aborts an open transaction against its owner's will, who is fenced by it.
    private func abort(_ id: String) throws(ErrorCode) {
        guard let owned = transactions[id] else { return }
        var transaction = owned
        transaction.fence()
        transactions[id] = transaction
        var failure = ErrorCode.none
        endTransaction(id, .abort) { failure = $0 }
        guard failure == .none else {
            // Nothing of this is written, so nobody is fenced.
            transactions[id] = owned
            throw failure
        }
    }

    // MARK: Timeouts

    func scheduleTransactionScan() {
        let isNeeded = !incomplete.isEmpty || transactions.values.contains { $0.state == .ongoing }
        guard transactionScan == nil, isNeeded else { return }
        transactionScan = loop.assumeIsolated().scheduleTask(in: Self.scanInterval) { [unowned self] in
            transactionScan = nil
            completeDelayed()
            abortExpiredTransactions()
            scheduleTransactionScan()
        }
    }

    private func abortExpiredTransactions() {
        let now = wallClock
        for (id, transaction) in transactions where transaction.isExpired(at: now) {
            logger.warning("Transaction timed out and is aborted", metadata: ["transactional-id": "\(id)"])
            do throws(ErrorCode) {
                try abort(id)
            } catch {
                logger.error("Transaction cannot be aborted", metadata: ["transactional-id": "\(id)"])
            }
        }
    }
}
