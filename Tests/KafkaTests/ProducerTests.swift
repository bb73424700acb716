// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization
import Testing

@testable import Kafka

@Suite("Producer on the mock cluster", .timeLimit(.minutes(2)))
struct ProducerTests {
    let cluster: MockCluster

    init() throws {
        cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 4)
    }

    @Test("A record comes back as it was sent: null and empty bytes, headers in order, time, partition")
    func roundTrip() async throws {
        let producer = try KafkaProducer(cluster.configuration(), logger: silent)
        let headers = [
            KafkaHeader(name: "a", text: "1"), KafkaHeader(name: "a", value: [0, 255]),
            KafkaHeader(name: "null", value: nil), KafkaHeader(name: "empty", value: []),
        ]
        let sent = [
            ProducerRecord(topic: "t", partition: 2, key: nil, value: [], headers: headers, timestampMilliseconds: 7),
            ProducerRecord(topic: "t", partition: 2, key: [], value: nil, timestampMilliseconds: 8),
            ProducerRecord(topic: "t", partition: 2, key: [1, 0, 2], value: [3], timestampMilliseconds: 9),
        ]
        for (offset, record) in sent.enumerated() {
            let address = try await producer.send(record)
            #expect(address == RecordAddress(topic: "t", partition: 2, offset: Int64(offset)))
        }
        await producer.close(timeout: .seconds(5))

        let reader = try PartitionReader(cluster.configuration(), logger: silent)
        var read: [ConsumerRecord] = []
        try await reader.readToEnd([TopicPartition(topic: "t", partition: 2)]) { read += $0 }
        await reader.close()
        #expect(read.map(\.key) == sent.map(\.key))
        #expect(read.map(\.value) == sent.map(\.value))
        #expect(read.map(\.headers) == sent.map(\.headers))
        #expect(read.map(\.timestampMilliseconds) == [7, 8, 9])
        #expect(read.map(\.offset) == [0, 1, 2])
    }

    @Test("Keys are spread as Java's murmur2 partitioner does")
    func partitioner() async throws {
        let producer = try KafkaProducer(cluster.configuration(), logger: silent)
        // murmur2 of these keys as in Apache Kafka's own UtilsTest; (hash & 0x7fffffff) % 4 is the partition.
        for (key, hash) in [("21", -973_932_308), ("foobar", -790_332_482), ("abc", 479_470_107)] as [(String, Int32)] {
            let address = try await producer.send(
                ProducerRecord(topic: "t", key: Array(key.utf8), value: [1]))
            #expect(address.partition == (hash & 0x7fff_ffff) % 4)
            #expect(try await producer.partition(of: Array(key.utf8), in: "t") == address.partition)
        }
        await producer.close(timeout: .seconds(5))
    }

    @Test("A thousand concurrent senders all get their own address, through a queue of ten records")
    func backPressure() async throws {
        let producer = try KafkaProducer(
            cluster.configuration("p", ["queue.buffering.max.messages": "10"]), logger: silent)
        let addresses = try await withThrowingTaskGroup(of: RecordAddress.self) { group in
            for number in 0..<1000 {
                group.addTask { try await producer.send(.text("t", "\(number)")) }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(addresses.count == 1000)
        await producer.close(timeout: .seconds(5))
    }

    @Test("A partition that does not exist is an error that says so")
    func unknownPartition() async throws {
        let producer = try KafkaProducer(cluster.configuration(), logger: silent)
        let error = await #expect(throws: KafkaError.self) {
            try await producer.send(.text("t", "x", partition: 99))
        }
        #expect(error?.code == .unknownTopicOrPartition)
        #expect(error?.isFatal == false)
        await producer.close(timeout: .seconds(5))
    }

    @Test("Enqueue refuses when the queue is full, and losses are counted when the client gives up")
    func enqueue() async throws {
        let producer = try KafkaProducer(
            MockCluster.nobody(["queue.buffering.max.messages": "3"]), logger: silent)
        for _ in 0..<3 { try producer.enqueue(.text("t", "x")) }
        let error = #expect(throws: KafkaError.self) { try producer.enqueue(.text("t", "x")) }
        #expect(error?.code == .queueFull)
        #expect(producer.failedDeliveries == 0)
        await producer.close(timeout: .zero)
        #expect(producer.failedDeliveries == 3)
    }

    @Test("Closing answers every sender, those that wait for space too, and later calls are refused")
    func closeAnswers() async throws {
        let producer = try KafkaProducer(
            MockCluster.nobody(["queue.buffering.max.messages": "2"]), logger: silent)
        try await withThrowingTaskGroup(of: KafkaError.Code?.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    do {
                        _ = try await producer.send(.text("t", "x"))
                        return nil
                    } catch let error as KafkaError {
                        return error.code
                    }
                }
            }
            await producer.close(timeout: .zero)
            for try await code in group { #expect(code == .closed) }
        }
        #expect(throws: KafkaError.self) { try producer.enqueue(.text("t", "x")) }
        await producer.close(timeout: .seconds(1))
    }

    @Test("A cancelled sender stops waiting")
    func cancelled() async throws {
        let producer = try KafkaProducer(MockCluster.nobody(), logger: silent)
        await withTaskGroup { group in
            group.addTask {
                await #expect(throws: CancellationError.self) { try await producer.send(.text("t", "x")) }
            }
            group.cancelAll()
        }
        await producer.close(timeout: .zero)
    }

    @Test("Without a broker, calls that retry end when their task is cancelled or their client is closed")
    func impatience() async throws {
        let nobody = KafkaConfiguration(bootstrapServers: ["127.0.0.1:1"], clientID: "c")
        let place = TopicPartition(topic: "t", partition: 0)
        let admin = try KafkaAdmin(nobody, logger: silent)
        let reader = try PartitionReader(nobody, logger: silent)
        let producer = try TransactionalProducer(
            nobody, transactionalID: "x", transactionTimeout: .seconds(10), logger: silent)
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await admin.topics() }, { _ = try await admin.lag(group: "g", partitions: [place]) },
            { _ = try await admin.createTopics([TopicSpecification(name: "t", partitions: 1, replicationFactor: 1)]) },
            { _ = try await reader.endOffsets([place]) }, { try await producer.initialise() },
        ]
        let spent = try await ContinuousClock().measure {
            await withTaskGroup { group in
                for call in calls {
                    group.addTask { await #expect(throws: CancellationError.self) { try await call() } }
                }
                group.cancelAll()
            }
            try await withThrowingTaskGroup { group in
                for call in calls { group.addTask { await #expect(throws: KafkaError.self) { try await call() } } }
                await admin.close()
                await reader.close()
                await producer.close()
                try await group.waitForAll()
            }
        }
        #expect(spent < .seconds(20))
    }

    @Test("A producer dropped without close ends its thread and frees its client")
    func dropped() async throws {
        weak var weakly: KafkaProducer?
        do {
            let producer = try KafkaProducer(cluster.configuration(), logger: silent)
            _ = try await producer.send(.text("t", "x"))
            weakly = producer
        }
        #expect(weakly == nil)
    }
}
