// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka
import Testing

@testable import Kafka

@Suite("Transactions on the embedded broker", .timeLimit(.minutes(3)))
struct BrokerTransactionTests {
    let input = TopicPartition(topic: "in", partition: 0)

    /// A producer whose transaction stays open, as that of a process which is slow or has died.
    private func openTransaction(_ broker: BrokerFixture, id: String, _ value: String) throws -> ClientHandle {
        var settings = try ClientSettings(broker.configuration(id), operation: "test")
        settings.set(KafkaProducer.properties)
        settings.set(["transactional.id": id, "transaction.timeout.ms": "30000", "message.timeout.ms": "30000"])
        let handle = try ClientHandle(.producer, settings, events: 0, logger: silent, operation: "test")
        try handle.initialiseTransactions(Patience(handle, .seconds(30)))
        try handle.check(rd_kafka_begin_transaction(handle.client), "begin", isTransactional: true)
        try handle.produce(.text("out", value), opaque: nil, operation: "produce")
        try handle.check(rd_kafka_flush(handle.client, 10_000), "flush")
        return handle
    }

    @Test("Committed readers see a transaction's records after its commit and not before")
    func visibleAfterCommit() async throws {
        try await BrokerFixture.with(topics: ["out": 1]) { broker in
            let open = try openTransaction(broker, id: "slow", "a")
            #expect(try await broker.values("out").isEmpty)
            #expect(try await broker.values("out", .readUncommitted) == ["a"])
            try open.check(rd_kafka_commit_transaction(open.client, 10_000), "commit", isTransactional: true)
            #expect(try await broker.values("out") == ["a"])
            open.destroy()
        }
    }

    @Test("An aborted transaction is never seen, and readers still know when they are at the end")
    func abortInvisible() async throws {
        try await BrokerFixture.with(topics: ["out": 1]) { broker in
            try await broker.produce([.text("out", "before")])
            let open = try openTransaction(broker, id: "slow", "aborted")
            try open.check(rd_kafka_abort_transaction(open.client, 10_000), "abort", isTransactional: true)
            #expect(try await broker.values("out") == ["before"])
            try await broker.produce([.text("out", "after")])
            #expect(try await broker.values("out") == ["before", "after"])
            open.destroy()
        }
    }

    @Test("A topic of many small transactions is read to its end, which is a control record")
    func manyTransactions() async throws {
        try await BrokerFixture.with(topics: ["out": 1]) { broker in
            let producer = try await broker.transactional()
            for number in 0..<50 { try await producer.commit([.text("out", "\(number)")]) }
            await producer.close()
            #expect(try await broker.values("out") == (0..<50).map(String.init))
        }
    }

    @Test("First records of topics do not wait for librdkafka's timer, which runs once a second")
    func firstRecords() async throws {
        let topics = (0..<8).map { "out\($0)" }
        try await BrokerFixture.with(topics: Dictionary(uniqueKeysWithValues: topics.map { ($0, 1) })) { broker in
            let producer = try await broker.transactional()
            func round() async throws -> Duration {
                try await ContinuousClock().measure {
                    for topic in topics { try await producer.commit([.text(topic, "x")]) }
                }
            }
            // Against the same again, so that a slow machine is not taken for a timer: eight waits would be about 8 s.
            let (first, second) = (try await round(), try await round())
            #expect(first - second < .seconds(4))
            await producer.close()
        }
    }

    @Test("Offsets and their metadata are committed with the records")
    func offsetsWithMetadata() async throws {
        try await BrokerFixture.with(topics: ["in": 1, "out": 1]) { broker in
            try await broker.produce((0..<3).map { .text("in", "\($0)") })
            let consumer = try broker.consumer("c", topics: ["in"])
            let producer = try await broker.transactional()
            let records = try await consumer.read(3)
            let offset = CommittedOffset(
                topicPartition: input, offset: try #require(records.last).offset, metadata: "above: 2,3")
            try await producer.commit(
                records.map { .text("out", $0.text) }, offsets: [offset], group: try await consumer.groupMetadata())
            #expect(try await consumer.committed([input]) == [offset])
            await consumer.close()

            let handler = RecordingHandler()
            let next = try broker.consumer("c2", topics: ["in"], handler: handler)
            #expect(try await next.read(1).map(\.text) == ["2"])
            #expect(await handler.events.first == .assigned([input], committed: [offset]))
            await next.close()
            await producer.close()
            #expect(try await broker.values("out") == ["0", "1", "2"])

            let admin = try KafkaAdmin(broker.configuration("admin"), logger: silent)
            #expect(try await admin.lag(group: "g", partitions: [input]).map(\.offsets) == [1])
            await admin.close()
        }
    }

    @Test("A member of an older generation has its transaction aborted")
    func staleGeneration() async throws {
        try await BrokerFixture.with(topics: ["in": 1, "out": 1]) { broker in
            try await broker.produce([.text("in", "a")])
            let first = try broker.consumer("c1", topics: ["in"])
            let producer = try await broker.transactional()
            _ = try await first.read(1)
            let stale = try await first.groupMetadata()
            await first.close()
            let second = try broker.consumer("c2", topics: ["in"])
            #expect(try await second.read(1).map(\.text) == ["a"])

            let offset = CommittedOffset(topicPartition: input, offset: 1)
            let error = await #expect(throws: KafkaError.self) {
                try await producer.commit([.text("out", "stale")], offsets: [offset], group: stale)
            }
            #expect(error?.requiresAbort == true)
            #expect(error?.isFatal == false)
            #expect(error?.code == .membershipLost)
            let fresh = try await second.groupMetadata()
            try await producer.commit([.text("out", "fresh")], offsets: [offset], group: fresh)
            #expect(try await broker.values("out") == ["fresh"])
            await second.close()
            await producer.close()
        }
    }

    @Test("A newer instance with the same id fences the older, which learns it at its next commit")
    func fenced() async throws {
        try await BrokerFixture.with(topics: ["out": 1]) { broker in
            let old = try await broker.transactional("same")
            try await old.commit([.text("out", "old")])
            let new = try await broker.transactional("same")
            for _ in 0..<2 {
                let error = await #expect(throws: KafkaError.self) { try await old.commit([.text("out", "zombie")]) }
                #expect(error?.isFatal == true)
                #expect(error?.code == .fenced)
            }
            try await new.commit([.text("out", "new")])
            #expect(try await broker.values("out") == ["old", "new"])
            await old.close()
            await new.close()
        }
    }

    @Test("A new instance ends what a dead one left open")
    func recovers() async throws {
        try await BrokerFixture.with(topics: ["out": 1]) { broker in
            let dead = try openTransaction(broker, id: "same", "lost")
            dead.destroy()
            let new = try await broker.transactional("same")
            try await new.commit([.text("out", "new")])
            #expect(try await broker.values("out") == ["new"])
            await new.close()
        }
    }

    @Test("A record that the broker refuses aborts its transaction, and the next one commits")
    func refusedRecord() async throws {
        try await BrokerFixture.with(topics: ["out": 1]) { broker in
            let producer = try await broker.transactional()
            try await producer.commit([.text("out", "a")])
            let error = await #expect(throws: KafkaError.self) {
                try await producer.commit([.text("out", "b"), .text("out", "nowhere", partition: 7)])
            }
            #expect(error?.requiresAbort == true)
            try await producer.commit([.text("out", "c")])
            #expect(try await broker.values("out") == ["a", "c"])
            await producer.close()
        }
    }
}
