// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Kafka

@Suite("Groups and restarts on the embedded broker", .timeLimit(.minutes(3)))
struct BrokerGroupTests {
    let input = TopicPartition(topic: "in", partition: 0)

    @Test("An open transaction ends before its partitions are given away, so nothing is done twice")
    func revocationWaits() async throws {
        try await BrokerFixture.with(topics: ["in": 1, "out": 1]) { broker in
            try await broker.produce((0..<2).map { .text("in", "\($0)") })
            let producer = try await broker.transactional()
            let handler = RecordingHandler()
            let first = try broker.consumer("c1", topics: ["in"], handler: handler)
            let record = try #require(try await first.read(1).first)
            let input = input
            await handler.onRevoked { partitions in
                guard partitions.contains(input) else { return }
                let offset = CommittedOffset(topicPartition: input, offset: record.offset + 1)
                await #expect(throws: Never.self) {
                    let group = try await first.groupMetadata()
                    try await producer.commit([.text("out", record.text)], offsets: [offset], group: group)
                }
            }
            await first.close()
            let second = try broker.consumer("c2", topics: ["in"])
            #expect(try await second.read(1).map(\.text) == ["1"])
            await second.close()
            await producer.close()
            #expect(try await broker.values("out") == ["0"])
        }
    }

    @Test("Offsets of a topic that is not known yet are asked for again")
    func unknownForAMoment() async throws {
        try await BrokerFixture.with { broker in
            let said = LogSignal()
            let reader = try PartitionReader(broker.configuration("r"), logger: said.logger)
            let place = TopicPartition(topic: "late", partition: 0)
            async let ends = reader.endOffsets([place])
            await said.first("kafka client reports an error")
            try await broker.create(["late": 1])
            #expect(try await ends == [place: 0])
            await reader.close()
        }
    }

    @Test("Two members share the partitions, and who stays gets them all back")
    func shares() async throws {
        try await BrokerFixture.with(topics: ["in": 4]) { broker in
            let handlers = [RecordingHandler(), RecordingHandler()]
            let first = try broker.consumer("c1", topics: ["in"], handler: handlers[0])
            while try await first.assignment().count < 4 {
                _ = try await first.poll(maximum: 1, timeout: .milliseconds(200))
            }
            let second = try broker.consumer("c2", topics: ["in"], handler: handlers[1])
            while try await (first.assignment().count, second.assignment().count) != (2, 2) {
                _ = try await first.poll(maximum: 1, timeout: .milliseconds(100))
                _ = try await second.poll(maximum: 1, timeout: .milliseconds(100))
            }
            await second.close()
            while try await first.assignment().count < 4 {
                _ = try await first.poll(maximum: 1, timeout: .milliseconds(200))
            }
            await first.close()
        }
    }

    @Test("A member that does not poll in time loses its partitions, is told so, and may come back")
    func maximumPollInterval() async throws {
        try await BrokerFixture.with(topics: ["in": 1]) { broker in
            try await broker.produce([.text("in", "a")])
            let handler = RecordingHandler()
            let group = ConsumerGroupConfiguration(
                group: "g", topics: ["in"], sessionTimeout: .seconds(1), maximumPollInterval: .seconds(1))
            let slow = try GroupConsumer(broker.configuration("slow"), group: group, rebalance: handler, logger: silent)
            #expect(try await slow.read(1).count == 1)
            // Another member reads the record once the slow one, which does not poll now, has been put out.
            let other = try broker.consumer("other", topics: ["in"])
            #expect(try await other.read(1).map(\.text) == ["a"])
            await other.close()
            #expect(try await slow.read(1).map(\.text) == ["a"])
            let revocations = await handler.events.filter { !$0.gives }
            #expect([.revoked([input], lost: true), .revoked([input], lost: false)].contains(revocations.first))
            await slow.close()
        }
    }

    @Test("A second live consumer with the same instance id fences the first, which throws a fatal error")
    func fencedInstance() async throws {
        try await BrokerFixture.with(topics: ["in": 1]) { broker in
            let group = ConsumerGroupConfiguration(group: "g", instanceID: "same", topics: ["in"])
            func consumer() throws -> GroupConsumer {
                try GroupConsumer(
                    broker.configuration("c"), group: group, rebalance: RecordingHandler(), logger: silent)
            }
            let first = try consumer()
            while try await first.assignment().isEmpty {
                _ = try await first.poll(maximum: 1, timeout: .milliseconds(200))
            }
            let second = try consumer()
            while try await second.assignment().isEmpty {
                _ = try await second.poll(maximum: 1, timeout: .milliseconds(200))
            }
            let error = await #expect(throws: KafkaError.self) {
                while true { _ = try await first.poll(maximum: 1, timeout: .seconds(1)) }
            }
            #expect(error?.isFatal == true)
            #expect(error?.code == .fenced)
            await first.close()
            await second.close()
        }
    }

    @Test("A topic that appears after the subscription is read")
    func topicAppears() async throws {
        try await BrokerFixture.with(topics: ["in": 1]) { broker in
            let consumer = try broker.consumer("c", topics: ["in", "later"])
            while try await consumer.assignment().isEmpty {
                _ = try await consumer.poll(maximum: 1, timeout: .milliseconds(200))
            }
            try await broker.create(["later": 1])
            try await broker.produce([.text("later", "x")])
            #expect(try await consumer.read(1).map(\.text) == ["x"])
            await consumer.close()
        }
    }

    @Test("Every client survives a restart of the broker, and nothing is lost or doubled")
    func restart() async throws {
        try await BrokerFixture.with(topics: ["in": 1, "out": 1]) { broker in
            let sender = try KafkaProducer(broker.configuration("sender"), logger: silent)
            let producer = try await broker.transactional()
            let consumer = try broker.consumer("c", topics: ["in"])
            let follower = try PartitionReader(broker.configuration("follower"), logger: silent)
            try await follower.assign([TopicPartition(topic: "out", partition: 0): .beginning])
            func step(_ value: String) async throws {
                let record = try #require(try await consumer.read(1).first)
                #expect(record.text == value)
                let offset = CommittedOffset(topicPartition: record.topicPartition, offset: record.offset + 1)
                let group = try await consumer.groupMetadata()
                try await producer.commit([.text("out", value)], offsets: [offset], group: group)
                var seen: [ConsumerRecord] = []
                while seen.isEmpty { seen = try await follower.poll(maximum: 10, timeout: .seconds(1)) }
                #expect(seen.map(\.text) == [value])
            }
            _ = try await sender.send(.text("in", "before"))
            try await step("before")
            try await broker.restart {
                try sender.enqueue(.text("in", "meanwhile"))
                #expect(try await consumer.poll(maximum: 1, timeout: .milliseconds(500)).isEmpty)
                #expect(try await follower.poll(maximum: 1, timeout: .milliseconds(500)).isEmpty)
            } _: {
                try await step("meanwhile")
                _ = try await sender.send(.text("in", "after"))
                try await step("after")
                #expect(sender.failedDeliveries == 0)
                #expect(try await broker.values("out") == ["before", "meanwhile", "after"])
                await follower.close()
                await consumer.close()
                await producer.close()
                await sender.close(timeout: .seconds(5))
            }
        }
    }

    @Test("Closing a consumer whose broker is away ends in time")
    func closeWithoutBroker() async throws {
        try await BrokerFixture.with(topics: ["in": 1]) { broker in
            let consumer = try broker.consumer("c", topics: ["in"])
            try await broker.produce([.text("in", "x")])
            #expect(try await consumer.read(1).count == 1)
            try await broker.restart {
                let spent = await ContinuousClock().measure { await consumer.close() }
                #expect(spent < .seconds(15))
            } _: {
            }
        }
    }

    @Test("Topics are created once, described, listed and deleted")
    func topics() async throws {
        try await BrokerFixture.with { broker in
            let admin = try KafkaAdmin(broker.configuration("admin"), logger: silent)
            let compacted = TopicSpecification(
                name: "b", partitions: 2, replicationFactor: 1, configuration: ["cleanup.policy": "compact"])
            let plain = TopicSpecification(name: "a", partitions: 1, replicationFactor: 1)
            #expect(try await admin.createTopics([compacted]) == [TopicCreation(name: "b", outcome: .created)])
            let again = try await admin.createTopics([plain, compacted])
            #expect(Set(again.map(\.name)) == ["a", "b"])
            #expect(again.first { $0.name == "b" }?.outcome == .existed)
            #expect(try await admin.topics().filter { !$0.name.hasPrefix("__") }.map(\.partitions) == [[0], [0, 1]])
            #expect(try await admin.describeTopicConfiguration("b")["cleanup.policy"] == "compact")
            try await admin.deleteTopics(["b", "never-was"])
            #expect(try await admin.topics().map(\.name).contains("b") == false)
            await admin.close()
        }
    }

    @Test("Offsets are found by time")
    func offsetsByTime() async throws {
        try await BrokerFixture.with(topics: ["in": 1]) { broker in
            try await broker.produce(
                [1000, 2000, 3000].map {
                    ProducerRecord(topic: "in", partition: 0, key: nil, value: [1], timestampMilliseconds: $0)
                })
            let reader = try PartitionReader(broker.configuration("r"), logger: silent)
            #expect(try await reader.offsets(atMilliseconds: 1500, [input]) == [input: 1])
            #expect(try await reader.offsets(atMilliseconds: 9000, [input]).isEmpty)
            await reader.close()
        }
    }
}
