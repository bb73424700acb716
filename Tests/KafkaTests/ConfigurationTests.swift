// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Kafka

@Suite("Configuration")
struct ConfigurationTests {
    let configuration = KafkaConfiguration(
        bootstrapServers: ["a:1", "b:2"], clientID: "me", properties: ["sasl.password": "hunter2"])

    @Test("No way of printing a configuration shows the value of a property")
    func redaction() {
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("sasl.password"))
            #expect(text.contains("a:1"))
        }
    }

    @Test("All wrong properties are named at once, and their values are not")
    func namesAllProblems() throws {
        var wrong = configuration
        wrong.properties = ["no.such.property": "hunter2", "socket.timeout.ms": "hunter3"]
        let error = try #require(throws: KafkaError.self) {
            _ = try KafkaProducer(wrong, logger: silent)
        }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.contains("no.such.property"))
        #expect(error.message.contains("socket.timeout.ms"))
        #expect(!error.description.contains("hunter"))
    }

    @Test("All that is missing is named at once")
    func namesAllMissing() throws {
        let empty = KafkaConfiguration(bootstrapServers: [], clientID: "")
        let error = try #require(throws: KafkaError.self) { _ = try KafkaAdmin(empty, logger: silent) }
        #expect(error.message.contains("bootstrap server"))
        #expect(error.message.contains("client id"))
    }

    @Test("The user's properties win over ours")
    func overrides() async throws {
        // librdkafka refuses a queue of no records, so this one arrived.
        var wrong = configuration
        wrong.properties = ["queue.buffering.max.messages": "-1"]
        #expect(throws: KafkaError.self) { _ = try KafkaProducer(wrong, logger: silent) }
        wrong.properties = ["queue.buffering.max.messages": "7"]
        await (try KafkaProducer(wrong, logger: silent)).close(timeout: .zero)
    }

    @Test("A group configuration that cannot work is refused with all reasons")
    func groupProblems() throws {
        let group = ConsumerGroupConfiguration(
            group: "", topics: [], sessionTimeout: .seconds(6), maximumPollInterval: .seconds(1))
        let error = try #require(throws: KafkaError.self) {
            _ = try GroupConsumer(configuration, group: group, rebalance: RecordingHandler(), logger: silent)
        }
        for part in ["group", "topic", "session timeout"] { #expect(error.message.contains(part)) }
    }

    @Test("A transactional producer needs an id and at least a second")
    func transactionalArguments() {
        #expect(throws: KafkaError.self) {
            _ = try TransactionalProducer(
                configuration, transactionalID: "", transactionTimeout: .seconds(10), logger: silent)
        }
        #expect(throws: KafkaError.self) {
            _ = try TransactionalProducer(
                configuration, transactionalID: "x", transactionTimeout: .milliseconds(999), logger: silent)
        }
    }

    @Test(
        "Durations become whole milliseconds, rounded up and never negative",
        arguments: [
            (Duration.milliseconds(5), 5), (.microseconds(1), 1), (.microseconds(1001), 2), (.zero, 0),
            (.seconds(-1), 0), (.seconds(2), 2000), (.seconds(10_000_000), Int(Int32.max)),
        ])
    func milliseconds(duration: Duration, expected: Int) {
        #expect(duration.wholeMilliseconds == Int32(expected))
    }

    @Test("Lag counts from the beginning for a group that has committed nothing, and is never negative")
    func lag() {
        let place = TopicPartition(topic: "t", partition: 0)
        func lag(_ committed: Int64?, _ beginning: Int64, _ end: Int64) -> Int64 {
            PartitionLag(topicPartition: place, committed: committed, beginning: beginning, end: end).offsets
        }
        #expect(lag(nil, 3, 10) == 7)
        #expect(lag(1, 3, 10) == 7)
        #expect(lag(8, 3, 10) == 2)
        #expect(lag(11, 3, 10) == 0)
    }
}
