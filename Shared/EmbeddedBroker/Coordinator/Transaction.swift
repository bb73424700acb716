// SPDX-License-Identifier: Apache-2.0

/// The state of one transactional id. No I/O: the broker writes what an action returns.
struct Transaction: Equatable {
    enum State: Int8, Sendable, CaseIterable {
        case empty = 0
        case ongoing = 1
        case prepareCommit = 2
        case prepareAbort = 3
        case completeCommit = 4
        case completeAbort = 5
    }

    enum EndDecision: Equatable {
        /// Write the prepare record, the markers and the complete record.
        case finish
        /// The same outcome was reached before: a repeated request.
        case alreadyEnded
    }

    let id: String
    private(set) var producerID: Int64
    private(set) var epoch: Int16 = -1
    /// The epoch before the last bump that its owner asked for; lets a repeated request find its answer.
    private(set) var lastEpoch: Int16 = -1
    /// The id before the last rotation; -1 when there was none.
    private(set) var previousProducerID: Int64 = -1
    private(set) var timeoutMilliseconds: Int32 = 0
    private(set) var state = State.empty
    private(set) var partitions: Set<TopicPartition> = []
    private(set) var groups: Set<String> = []
    /// Milliseconds since 1970; -1 when no transaction is open.
    private(set) var startedAt: Int64 = -1
    private(set) var updatedAt: Int64 = -1

    /// The last epoch of a producer id; a new id must follow.
    static let exhaustedEpoch = Int16.max - 1

    init(id: String, producerID: Int64) {
        self.id = id
        self.producerID = producerID
    }

    var isEnding: Bool { state == .prepareCommit || state == .prepareAbort }
    var outcome: TransactionOutcome { state == .prepareCommit ? .commit : .abort }
    var needsNewProducerID: Bool { epoch >= Self.exhaustedEpoch }

    func isExpired(at now: Int64) -> Bool {
        state == .ongoing && startedAt + Int64(timeoutMilliseconds) < now
    }

    // MARK: InitProducerId

    /// Whether a client that says which producer it was may initialise; throws `producerFenced` for a zombie.
    func checkExpected(producerID expectedID: Int64, epoch expectedEpoch: Int16) throws(ErrorCode) {
        guard !isEnding else { throw .concurrentTransactions }
        guard expectedID >= 0 else { return }
        // Only the present owner may interrupt its open transaction.
        let isCurrent = expectedID == producerID && expectedEpoch == epoch
        let isRepeated = expectedID == producerID && expectedEpoch == lastEpoch && state != .ongoing
        let knowsExhaustedID = expectedID == previousProducerID && epoch == 0 && state != .ongoing
        guard isCurrent || isRepeated || knowsExhaustedID else { throw .producerFenced }
    }

    /// Gives the owner its next epoch. The answer to a repeated request is the epoch that the first one got.
    ///
    /// - Parameter expectedEpoch: the epoch that the owner says it has; -1 when it starts anew.
    mutating func initialise(
        expectedEpoch: Int16, newProducerID: Int64?, timeoutMilliseconds: Int32, now: Int64
    ) {
        self.timeoutMilliseconds = timeoutMilliseconds
        updatedAt = now
        state = .empty
        startedAt = -1
        partitions = []
        groups = []
        if expectedEpoch >= 0, expectedEpoch == lastEpoch, expectedEpoch != epoch { return }
        if let newProducerID {
            previousProducerID = producerID
            producerID = newProducerID
            epoch = 0
            lastEpoch = -1
        } else {
            lastEpoch = expectedEpoch
            epoch += 1
        }
    }

    /// Fences the owner of an open transaction, which then must be aborted.
    mutating func fence() {
        // An exhausted id may take its one last epoch for this; the next owner gets a new id.
        if epoch < .max { epoch += 1 }
        lastEpoch = -1
    }

    // MARK: A transaction's life

    func checkProducer(id: Int64, epoch requested: Int16) throws(ErrorCode) {
        guard id == producerID else { throw .invalidProducerIDMapping }
        guard requested == epoch else { throw .producerFenced }
        guard !isEnding else { throw .concurrentTransactions }
    }

    /// Adds partitions and groups, opening the transaction; false when all were there.
    mutating func add(partitions added: [TopicPartition], groups addedGroups: [String] = [], now: Int64) -> Bool {
        let isNew =
            state != .ongoing || !partitions.isSuperset(of: added) || !groups.isSuperset(of: addedGroups)
        guard isNew else { return false }
        if state != .ongoing {
            state = .ongoing
            startedAt = now
        }
        updatedAt = now
        partitions.formUnion(added)
        groups.formUnion(addedGroups)
        return true
    }

    func decideEnd(_ outcome: TransactionOutcome) throws(ErrorCode) -> EndDecision {
        switch (state, outcome) {
        case (.ongoing, _): return .finish
        case (.completeCommit, .commit), (.completeAbort, .abort): return .alreadyEnded
        case (.prepareCommit, _), (.prepareAbort, _): throw .concurrentTransactions
        case (.empty, _), (.completeCommit, _), (.completeAbort, _): throw .invalidTransactionState
        }
    }

    mutating func prepare(_ outcome: TransactionOutcome, now: Int64) {
        state = outcome == .commit ? .prepareCommit : .prepareAbort
        updatedAt = now
    }

    mutating func complete(now: Int64) {
        state = state == .prepareCommit ? .completeCommit : .completeAbort
        partitions = []
        groups = []
        startedAt = -1
        updatedAt = now
    }

    // MARK: Persistence

    init(_ record: TransactionRecord) {
        id = record.transactionalID
        producerID = record.producerID
        epoch = record.producerEpoch
        lastEpoch = record.lastProducerEpoch
        previousProducerID = record.previousProducerID
        timeoutMilliseconds = record.timeoutMilliseconds
        state = State(rawValue: record.state) ?? .empty
        partitions = Set(record.topics.flattened)
        groups = Set(record.groups)
        startedAt = record.startedAt
        updatedAt = record.updatedAt
    }

    var record: TransactionRecord {
        TransactionRecord(
            transactionalID: id, producerID: producerID, producerEpoch: epoch, lastProducerEpoch: lastEpoch,
            previousProducerID: previousProducerID, timeoutMilliseconds: timeoutMilliseconds, state: state.rawValue,
            topics: [TopicPartitions](partitions),
            groups: groups.sorted(), startedAt: startedAt, updatedAt: updatedAt)
    }
}
