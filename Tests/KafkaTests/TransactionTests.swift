// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka
import Dispatch
import Testing

@testable import Kafka

@Suite("Transactions on the mock cluster", .timeLimit(.minutes(2)))
struct TransactionTests {
    let cluster: MockCluster
    let offsets = [CommittedOffset(topicPartition: TopicPartition(topic: "in", partition: 0), offset: 5)]

    init() throws {
        cluster = try MockCluster()
        try cluster.createTopic("in")
        try cluster.createTopic("out")
    }

    func makeProducer(timeout: Duration = .seconds(10)) async throws -> TransactionalProducer {
        let producer = try TransactionalProducer(
            cluster.configuration(), transactionalID: "leg-1", transactionTimeout: timeout, logger: silent)
        try await producer.initialise()
        return producer
    }

    /// A member's metadata without a group to join: the mock does not check it.
    func groupMetadata() throws -> ConsumerGroupMetadata {
        let consumer = try ClientHandle(
            .groupConsumer, settings(), events: 0, logger: silent, operation: "test")
        return try consumer.groupMetadata()
    }

    private func settings() throws -> ClientSettings {
        var settings = try ClientSettings(cluster.configuration(), operation: "test")
        settings.set(["group.id": "g"])
        return settings
    }

    @Test("Transactions with records and offsets commit one after another")
    func commits() async throws {
        let producer = try await makeProducer()
        let group = try groupMetadata()
        for number in 0..<3 { try await producer.commit([.text("out", "\(number)")], offsets: offsets, group: group) }
        try await producer.commit([.text("out", "3")])
        try await producer.commit([], offsets: offsets, group: group)
        try await producer.commit([])
        await producer.close()

        let reader = try PartitionReader(cluster.configuration(), logger: silent)
        var values: [String] = []
        try await reader.readToEnd([TopicPartition(topic: "out", partition: 0)]) { values += $0.map(\.text) }
        await reader.close()
        #expect(values == ["0", "1", "2", "3"])
    }

    @Test("Offsets without their group are refused before anything is begun")
    func offsetsNeedGroup() async throws {
        let producer = try await makeProducer()
        let error = await #expect(throws: KafkaError.self) {
            try await producer.commit([.text("out", "x")], offsets: offsets, group: nil)
        }
        #expect(error?.code == .invalidState)
        #expect(error?.isFatal == false)
        await producer.close()
    }

    @Test(
        "A member that lost its generation has its transaction aborted, and the next one succeeds",
        arguments: [
            RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
            RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
        ])
    func lostMembership(native: rd_kafka_resp_err_t) async throws {
        let producer = try await makeProducer()
        let group = try groupMetadata()
        cluster.answer(.transactionOffsetCommit, with: native)
        let error = await #expect(throws: KafkaError.self) {
            try await producer.commit([.text("out", "x")], offsets: offsets, group: group)
        }
        #expect(error?.requiresAbort == true)
        #expect(error?.isFatal == false)
        #expect(error?.code == (native == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID ? .fenced : .membershipLost))
        try await producer.commit([.text("out", "y")], offsets: offsets, group: group)
        await producer.close()
    }

    @Test("Retriable answers of coordinators are retried inside")
    func retries() async throws {
        let producer = try await makeProducer()
        let group = try groupMetadata()
        cluster.answer(.addPartitionsToTransaction, with: RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS)
        cluster.answer(.addOffsetsToTransaction, with: RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE)
        cluster.answer(.transactionOffsetCommit, with: RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS)
        cluster.answer(.endTransaction, with: RD_KAFKA_RESP_ERR_NOT_COORDINATOR)
        try await producer.commit([.text("out", "x")], offsets: offsets, group: group)
        await producer.close()
    }

    @Test(
        "A fenced producer is fatal wherever it learns of it, and stays so",
        arguments: [
            MockCluster.API.addPartitionsToTransaction, .transactionOffsetCommit, .endTransaction,
        ])
    func fenced(api: MockCluster.API) async throws {
        let producer = try await makeProducer()
        let group = try groupMetadata()
        // Brokers answer TxnOffsetCommit with the older name of the same thing.
        let answer =
            api == .transactionOffsetCommit
            ? RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH : RD_KAFKA_RESP_ERR_PRODUCER_FENCED
        cluster.answer(api, with: answer)
        for _ in 0..<2 {
            let error = await #expect(throws: KafkaError.self) {
                try await producer.commit([.text("out", "x")], offsets: offsets, group: group)
            }
            #expect(error?.isFatal == true)
            #expect(error?.code == .fenced)
        }
        await producer.close()
    }

    @Test("A refused record aborts with the broker's reason for it")
    func refusedRecord() async throws {
        let producer = try await makeProducer()
        cluster.answer(.produce, with: RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
        let error = await #expect(throws: KafkaError.self) { try await producer.commit([.text("out", "x")]) }
        #expect(error?.requiresAbort == true)
        #expect(error?.code == .messageTooLarge)
        try await producer.commit([.text("out", "y")])
        await producer.close()
    }

    @Test("A commit that gets no answer has an unknown outcome, which is fatal")
    func unknownOutcome() async throws {
        let producer = try await makeProducer(timeout: .seconds(2))
        cluster.answer(
            .endTransaction,
            with: RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
            RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
            RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
            RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_COORDINATOR)
        let error = await #expect(throws: KafkaError.self) { try await producer.commit([.text("out", "x")]) }
        #expect(error?.isFatal == true)
        #expect(error?.code == .outcomeUnknown)
        await producer.close()
    }

    @Test("A call that hangs in librdkafka ends in a fatal error, and closing does not hang on it")
    func watchdog() async throws {
        let producer = try await makeProducer(timeout: .seconds(1))
        let gate = DispatchSemaphore(value: 0)
        defer { gate.signal() }
        // Stands for `rd_kafka_send_offsets_to_transaction` that does not return.
        try producer.thread.calls.submit("hang") { gate.wait() }
        for _ in 0..<2 {
            let error = await #expect(throws: KafkaError.self) { try await producer.commit([.text("out", "x")]) }
            #expect(error?.code == .outcomeUnknown)
            #expect(error?.isFatal == true)
        }
        await producer.close()
    }

    @Test("Commits before initialise are refused")
    func uninitialised() async throws {
        let producer = try TransactionalProducer(
            cluster.configuration(), transactionalID: "leg-1", transactionTimeout: .seconds(10), logger: silent)
        let error = await #expect(throws: KafkaError.self) { try await producer.commit([.text("out", "x")]) }
        #expect(error?.code == .invalidState)
        await producer.close()
    }

    @Test("Calls after close are refused")
    func closed() async throws {
        let producer = try await makeProducer()
        await producer.close()
        await producer.close()
        let error = await #expect(throws: KafkaError.self) { try await producer.commit([.text("out", "x")]) }
        #expect(error?.code == .closed)
    }
}
