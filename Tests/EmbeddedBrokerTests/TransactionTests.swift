// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EmbeddedBroker

@Suite("Transaction state machine")
struct TransactionTests {
    private let partition = TopicPartition(topic: "t", partition: 0)

    private func started() -> Transaction {
        var transaction = Transaction(id: "id", producerID: 5)
        transaction.initialise(expectedEpoch: -1, newProducerID: nil, timeoutMilliseconds: 1000, now: 0)
        return transaction
    }

    @Test("Each start anew bumps the epoch")
    func epochs() {
        var transaction = started()
        #expect(transaction.epoch == 0)
        transaction.initialise(expectedEpoch: -1, newProducerID: nil, timeoutMilliseconds: 1000, now: 1)
        #expect(transaction.epoch == 1)
    }

    @Test("A repeated bump gets the answer that the first one got")
    func repeatedBump() throws {
        var transaction = started()
        try transaction.checkExpected(producerID: 5, epoch: 0)
        transaction.initialise(expectedEpoch: 0, newProducerID: nil, timeoutMilliseconds: 1000, now: 1)
        try transaction.checkExpected(producerID: 5, epoch: 0)
        transaction.initialise(expectedEpoch: 0, newProducerID: nil, timeoutMilliseconds: 1000, now: 2)
        #expect(transaction.epoch == 1)
    }

    @Test("A zombie that names an old epoch is fenced")
    func zombies() throws {
        var transaction = started()
        transaction.initialise(expectedEpoch: -1, newProducerID: nil, timeoutMilliseconds: 1000, now: 1)
        transaction.initialise(expectedEpoch: -1, newProducerID: nil, timeoutMilliseconds: 1000, now: 2)
        #expect(throws: ErrorCode.producerFenced) { try transaction.checkExpected(producerID: 5, epoch: 0) }
        #expect(throws: ErrorCode.producerFenced) { try transaction.checkExpected(producerID: 6, epoch: 2) }
        #expect(throws: ErrorCode.producerFenced) { try transaction.checkProducer(id: 5, epoch: 1) }
        #expect(throws: ErrorCode.invalidProducerIDMapping) { try transaction.checkProducer(id: 6, epoch: 2) }
    }

    @Test("The repeated bump of a former owner does not interrupt the transaction of the present one")
    func staleBumpDuringTransaction() throws {
        var transaction = started()
        transaction.initialise(expectedEpoch: 0, newProducerID: nil, timeoutMilliseconds: 1000, now: 1)
        _ = transaction.add(partitions: [partition], now: 2)
        #expect(throws: ErrorCode.producerFenced) { try transaction.checkExpected(producerID: 5, epoch: 0) }
        try transaction.checkExpected(producerID: 5, epoch: 1)
    }

    @Test("An exhausted epoch leads to a new producer id, which the owner of the old one may still bump")
    func rotation() throws {
        var transaction = started()
        while !transaction.needsNewProducerID {
            transaction.initialise(expectedEpoch: -1, newProducerID: nil, timeoutMilliseconds: 1000, now: 1)
        }
        #expect(transaction.epoch == 32766)
        transaction.initialise(expectedEpoch: 32766, newProducerID: 6, timeoutMilliseconds: 1000, now: 2)
        #expect(transaction.producerID == 6)
        #expect(transaction.epoch == 0)
        try transaction.checkExpected(producerID: 5, epoch: 32766)
        #expect(throws: ErrorCode.producerFenced) { try transaction.checkExpected(producerID: 4, epoch: 32766) }
    }

    @Test("A transaction goes from ongoing over prepare to complete")
    func life() throws {
        var transaction = started()
        #expect(throws: ErrorCode.invalidTransactionState) { try transaction.decideEnd(.commit) }
        let changes = [
            transaction.add(partitions: [partition], now: 10),
            transaction.add(partitions: [partition], now: 11),
            transaction.add(partitions: [], groups: ["g"], now: 12),
        ]
        #expect(changes == [true, false, true])
        #expect(transaction.startedAt == 10)
        #expect(try transaction.decideEnd(.commit) == .finish)
        transaction.prepare(.commit, now: 13)
        #expect(throws: ErrorCode.concurrentTransactions) { try transaction.checkProducer(id: 5, epoch: 0) }
        transaction.complete(now: 14)
        #expect(transaction.state == .completeCommit)
        #expect(transaction.partitions.isEmpty && transaction.groups.isEmpty)
        #expect(try transaction.decideEnd(.commit) == .alreadyEnded)
        #expect(throws: ErrorCode.invalidTransactionState) { try transaction.decideEnd(.abort) }
    }

    @Test("Only an open transaction runs out of time")
    func timeout() {
        var transaction = started()
        #expect(!transaction.isExpired(at: 1_000_000))
        _ = transaction.add(partitions: [partition], now: 100)
        #expect(!transaction.isExpired(at: 1100))
        #expect(transaction.isExpired(at: 1101))
    }

    @Test("A transaction is the same after its record was written and read")
    func persistence() {
        var transaction = started()
        _ = transaction.add(partitions: [partition], groups: ["g"], now: 100)
        #expect(Transaction(transaction.record) == transaction)
    }
}
