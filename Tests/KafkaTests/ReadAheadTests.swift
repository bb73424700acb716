// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Kafka

@Suite("Reading ahead of a full batch", .timeLimit(.minutes(1)))
struct ReadAheadTests {
    let places = (0..<2).map { TopicPartition(topic: "in", partition: $0) }

    /// Has a consumer return "0" of "0" to "5" in the first partition, and read the next one ahead.
    func behindTheFirst(_ body: @Sendable (GroupConsumer) async throws -> Void) async throws {
        try await BrokerFixture.with(topics: ["in": 2]) { broker in
            try await broker.produce((0..<6).map { .text("in", "\($0)", partition: 0) })
            let consumer = try broker.consumer("c", topics: ["in"])
            var first: [ConsumerRecord] = []
            while first.isEmpty {
                first = try await consumer.poll(maximum: 1, timeout: .seconds(1), readsAhead: true)
            }
            #expect(first.map(\.text) == ["0"])
            // Asked on the thread that reads ahead, and so after it has.
            #expect(try await consumer.position([places[0]]) == [places[0]: 2])
            try await body(consumer)
            await consumer.close()
        }
    }

    @Test("What was read ahead comes next, in order, and with it whatever else there is room for")
    func order() async throws {
        try await behindTheFirst { consumer in
            let next = try await consumer.poll(maximum: 3, timeout: .zero)
            #expect(next.map(\.text) == ["1", "2", "3"])
            let rest = try await consumer.read(2)
            #expect(rest.map(\.text) == ["4", "5"])
        }
    }

    @Test("How far was read counts what was returned, not what was read ahead")
    func delivered() async throws {
        try await behindTheFirst { consumer in
            #expect(consumer.read[places[0]]?.delivered == 1)
        }
    }

    @Test("A seek takes back what was read ahead of its partition")
    func seek() async throws {
        try await behindTheFirst { consumer in
            try await consumer.seek([CommittedOffset(topicPartition: places[0], offset: 0)])
            let all = try await consumer.read(6)
            #expect(all.map(\.text) == (0..<6).map { "\($0)" })
        }
    }

    @Test("A seek in another partition leaves it")
    func seekElsewhere() async throws {
        try await behindTheFirst { consumer in
            try await consumer.seek([CommittedOffset(topicPartition: places[1], offset: 0)])
            let rest = try await consumer.read(5)
            #expect(rest.map(\.text) == (1..<6).map { "\($0)" })
        }
    }

    @Test("Nothing is read ahead behind a rebalance or a failure, nor when less came than was asked for")
    func unanswered() {
        let record = ConsumerRecord(
            topic: "in", partition: 0, offset: 0, key: nil, value: nil, timestampMilliseconds: 0)
        var slice = PollSlice(records: [record, record])
        #expect(slice.allowsReadingAhead(maximum: 2))
        #expect(!slice.allowsReadingAhead(maximum: 3))
        slice.rebalance = .revoke(places, lost: false)
        #expect(!slice.allowsReadingAhead(maximum: 2))
        slice.rebalance = nil
        slice.failure = KafkaError.closed("poll")
        #expect(!slice.allowsReadingAhead(maximum: 2))
    }

    @Test("Closing drops it: the next member gets it")
    func closing() async throws {
        try await BrokerFixture.with(topics: ["in": 1]) { broker in
            try await broker.produce((0..<3).map { .text("in", "\($0)") })
            let first = try broker.consumer("c1", topics: ["in"])
            var records: [ConsumerRecord] = []
            while records.isEmpty {
                records = try await first.poll(maximum: 1, timeout: .seconds(1), readsAhead: true)
            }
            try await first.commit([CommittedOffset(topicPartition: places[0], offset: 1)])
            await first.close()
            let second = try broker.consumer("c2", topics: ["in"])
            #expect(try await second.read(2).map(\.text) == ["1", "2"])
            await second.close()
        }
    }
}
