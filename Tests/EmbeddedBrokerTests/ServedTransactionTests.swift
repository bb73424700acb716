// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("Transactions as served", .timeLimit(.minutes(1)))
struct ServedTransactionTests {
    private func batch(
        _ producer: InitProducerIdResponse, _ sequence: Int32, _ value: String = "v"
    ) -> TestBatch {
        TestBatch(
            values: [value], producerID: producer.producerID, producerEpoch: producer.producerEpoch,
            sequence: sequence, isTransactional: true)
    }

    @Test("Committed records become visible together with their marker, aborted ones are listed")
    func visibility() async throws {
        try await BrokerFixture.with { fixture async throws in
            #expect(try await fixture.createTopic("t") == .none)
            let producer = try await fixture.initialise("id")
            #expect(try await fixture.addPartition("t", to: "id", producer) == .none)
            #expect(try await fixture.produce(batch(producer, 0), to: "t", transactionalID: "id").error == .none)
            #expect(try await fixture.fetch("t", from: 0, committedOnly: true).batches?.count == 0)
            #expect(try await fixture.end("id", producer, commit: true) == .none)
            let committed = try await fixture.fetch("t", from: 0, committedOnly: true, maxWait: 10_000)
            #expect(committed.headers.map(\.isControl) == [false, true])
            #expect(committed.abortedTransactions == [])

            #expect(try await fixture.addPartition("t", to: "id", producer) == .none)
            _ = try await fixture.produce(batch(producer, 1), to: "t", transactionalID: "id")
            #expect(try await fixture.end("id", producer, commit: false) == .none)
            let aborted = try await fixture.fetch("t", from: 2, committedOnly: true, maxWait: 10_000)
            #expect(aborted.abortedTransactions?.map(\.firstOffset) == [2])
        }
    }

    @Test("A repeated end is answered as the first, the opposite is refused")
    func repeatedEnd() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            let producer = try await fixture.initialise("id")
            #expect(try await fixture.end("id", producer, commit: true) == .invalidTransactionState)
            _ = try await fixture.addPartition("t", to: "id", producer)
            #expect(try await fixture.end("id", producer, commit: true) == .none)
            #expect(try await fixture.end("id", producer, commit: true) == .none)
            #expect(try await fixture.end("id", producer, commit: false) == .invalidTransactionState)
        }
    }

    @Test("A successor aborts what its predecessor left open, and the predecessor is fenced everywhere")
    func fencing() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            let old = try await fixture.initialise("id")
            _ = try await fixture.addPartition("t", to: "id", old)
            _ = try await fixture.produce(batch(old, 0), to: "t", transactionalID: "id")
            let new = try await fixture.initialise("id")
            #expect(new.producerID == old.producerID)
            #expect(new.producerEpoch > old.producerEpoch)
            #expect(try await fixture.addPartition("t", to: "id", old) == .producerFenced)
            #expect(try await fixture.end("id", old, commit: true) == .producerFenced)
            let late = try await fixture.produce(batch(old, 1), to: "t", transactionalID: "id")
            #expect(late.error == .invalidProducerEpoch)
            _ = try await fixture.addPartition("t", to: "id", new)
            #expect(try await fixture.produce(batch(new, 0), to: "t", transactionalID: "id").error == .none)
            #expect(try await fixture.end("id", new, commit: true) == .none)
        }
    }

    @Test("Records outside an open transaction, or in a partition that is not part of it, are refused")
    func stray() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            _ = try await fixture.createTopic("u")
            let producer = try await fixture.initialise("id")
            let early = try await fixture.produce(batch(producer, 0), to: "t", transactionalID: "id")
            #expect(early.error == .invalidTransactionState)
            _ = try await fixture.addPartition("t", to: "id", producer)
            let elsewhere = try await fixture.produce(batch(producer, 0), to: "u", transactionalID: "id")
            #expect(elsewhere.error == .invalidTransactionState)
        }
    }

    @Test("An open transaction that outlives its timeout is aborted and its owner fenced")
    func timeout() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            let producer = try await fixture.initialise("id", timeout: 1)
            _ = try await fixture.addPartition("t", to: "id", producer)
            _ = try await fixture.produce(batch(producer, 0), to: "t", transactionalID: "id")
            // Waits, as a reader does, for the marker that the broker writes by itself.
            let read = try await fixture.fetch("t", from: 0, committedOnly: true, maxWait: 30_000)
            #expect(read.abortedTransactions?.map(\.producerID) == [producer.producerID])
            #expect(try await fixture.end("id", producer, commit: true) == .producerFenced)
        }
    }

    @Test("Who asks for the end without regard to transactions is told of every acknowledged record")
    func acknowledgedEnd() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            let producer = try await fixture.initialise("id")
            _ = try await fixture.addPartition("t", to: "id", producer)
            for number in 0..<20 {
                let sent = try await fixture.produce(batch(producer, Int32(number)), to: "t", transactionalID: "id")
                let wanted = ListOffsetsRequest.Partition(index: 0, timestamp: ListOffsetsRequest.latest)
                let end = try await fixture.client.send(
                    ListOffsetsRequest(topics: [.init(name: "t", partitions: [wanted])]))
                #expect(end.topics[0].partitions[0].offset == sent.baseOffset + 1)
            }
        }
    }

    @Test("Timeouts and ids out of bounds are refused")
    func bounds() async throws {
        try await BrokerFixture.with { fixture async throws in
            #expect(try await fixture.initialise("id", timeout: 900_001).error == .invalidTransactionTimeout)
            #expect(try await fixture.initialise("").error == .invalidRequest)
        }
    }

    @Test("Offsets in a transaction count when it commits; until then a careful reader is told to wait")
    func offsets() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            for commit in [false, true] {
                let producer = try await fixture.initialise("id")
                let added = try await fixture.client.send(
                    AddOffsetsToTxnRequest(
                        transactionalID: "id", producerID: producer.producerID,
                        producerEpoch: producer.producerEpoch, groupID: "g"))
                #expect(added.error == .none)
                let place = TxnOffsetCommitRequest.Partition(index: 0, offset: 42, metadata: "kept as it is")
                let staged = try await fixture.client.send(
                    TxnOffsetCommitRequest(
                        transactionalID: "id", groupID: "g", producerID: producer.producerID,
                        producerEpoch: producer.producerEpoch,
                        topics: [TxnOffsetCommitRequest.Topic(name: "t", partitions: [place])]))
                #expect(staged.topics[0].partitions[0].error == .none)
                #expect(try await stored(fixture).error == .unstableOffsetCommit)
                #expect(try await fixture.end("id", producer, commit: commit) == .none)
                let after = try await stored(fixture)
                #expect(after.offset == (commit ? 42 : -1))
                #expect(after.metadata == (commit ? "kept as it is" : ""))
            }
        }
    }

    private func stored(_ fixture: BrokerFixture) async throws -> OffsetFetchResponse.Partition {
        let request = OffsetFetchRequest(
            groupID: "g", topics: [TopicPartitions(name: "t", partitions: [0])], requireStable: true)
        return try await fixture.client.send(request, version: 7).topics[0].partitions[0]
    }

    @Test("Readers see a transaction as soon as its owner is told that it is committed, every time")
    func visibleAtOnce() async throws {
        try await BrokerFixture.with { fixture async throws in
            #expect(try await fixture.createTopic("t") == .none)
            let producer = try await fixture.initialise("id")
            for round in 0..<20 {
                #expect(try await fixture.addPartition("t", to: "id", producer) == .none)
                let batch = TestBatch(
                    values: ["v"], producerID: producer.producerID, producerEpoch: producer.producerEpoch,
                    sequence: Int32(round), isTransactional: true)
                #expect(try await fixture.produce(batch, to: "t", transactionalID: "id").error == .none)
                #expect(try await fixture.end("id", producer, commit: true) == .none)
                let read = try await fixture.fetch("t", from: 0, committedOnly: true)
                #expect(read.lastStableOffset == Int64(round + 1) * 2)
            }
        }
    }
}
