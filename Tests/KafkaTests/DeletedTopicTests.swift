// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka
import Testing

@testable import Kafka

/// librdkafka before 2.6.1 never ends such a client. With a later one these find nothing left behind.
@Suite("Topics that are deleted while they are read", .timeLimit(.minutes(1)))
struct DeletedTopicTests {
    private let leavesBehind = rd_kafka_version() < 0x0206_01ff
    private let warning = "a kafka client does not end, and is left behind with its thread"

    @Test("A member that has read one closes in time, and says that it leaves its client behind")
    func member() async throws {
        try await BrokerFixture.with(topics: ["in": 1, "kept": 1]) { broker in
            try await broker.produce([.text("in", "x")])
            let said = LogSignal()
            let group = ConsumerGroupConfiguration(group: "g", topics: ["in", "kept"])
            let consumer = try GroupConsumer(
                attentive(broker), group: group, rebalance: RecordingHandler(), logger: said.logger)
            #expect(try await consumer.read(1).count == 1)
            try await delete("in", broker)
            while try await consumer.assignment().count != 1 {
                _ = try await consumer.poll(maximum: 1, timeout: .milliseconds(100))
            }
            let spent = await ContinuousClock().measure { await consumer.close() }
            #expect(spent < .seconds(12))
            if leavesBehind { await said.first(warning) }
        }
    }

    @Test("A reader of one closes in time, and says that it leaves its client behind")
    func reader() async throws {
        try await BrokerFixture.with(topics: ["in": 1]) { broker in
            try await broker.produce([.text("in", "x")])
            let said = LogSignal()
            let reader = try PartitionReader(attentive(broker), logger: said.logger)
            try await reader.assign([TopicPartition(topic: "in", partition: 0): .beginning])
            while try await reader.poll(maximum: 1, timeout: .seconds(1)).isEmpty {}
            try await delete("in", broker)
            async let noticed: Void = said.first("kafka client reports an error")
            _ = try await reader.poll(maximum: 1, timeout: .seconds(2))
            await noticed
            let spent = await ContinuousClock().measure { await reader.close() }
            #expect(spent < .seconds(12))
            if leavesBehind { await said.first(warning) }
        }
    }

    /// Sees soon what becomes of topics.
    private func attentive(_ broker: BrokerFixture) -> KafkaConfiguration {
        var configuration = broker.configuration("c")
        configuration.properties = ["topic.metadata.refresh.interval.ms": "200"]
        return configuration
    }

    private func delete(_ topic: String, _ broker: BrokerFixture) async throws {
        let admin = try KafkaAdmin(broker.configuration("admin"), logger: silent)
        try await admin.deleteTopics([topic])
        await admin.close()
    }
}
