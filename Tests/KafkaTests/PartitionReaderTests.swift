// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Kafka

@Suite("Partition reader on the mock cluster", .timeLimit(.minutes(2)))
struct PartitionReaderTests {
    let cluster: MockCluster
    let places = (0..<3).map { TopicPartition(topic: "t", partition: $0) }

    init() throws {
        cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 3)
    }

    func withReader(_ body: (PartitionReader, KafkaProducer) async throws -> Void) async throws {
        let producer = try KafkaProducer(cluster.configuration(), logger: silent)
        let reader = try PartitionReader(cluster.configuration(), logger: silent)
        try await body(reader, producer)
        await reader.close()
        await producer.close(timeout: .seconds(5))
    }

    @Test("Reading to the end gives everything, also of topics with empty partitions, and then follows")
    func readToEnd() async throws {
        try await withReader { reader, producer in
            for number in 0..<50 { _ = try await producer.send(.text("t", "\(number)", partition: Int32(number % 2))) }
            var values: Set<String> = []
            try await reader.readToEnd(places) { values.formUnion($0.map(\.text)) }
            #expect(values == Set((0..<50).map(String.init)))
            #expect(reader.hasReached([places[0]: 25, places[1]: 25, places[2]: 0]))
            #expect(!reader.hasReached([places[0]: 26]))

            _ = try await producer.send(.text("t", "later", partition: 2))
            var followed: [ConsumerRecord] = []
            while followed.isEmpty { followed = try await reader.poll(maximum: 10, timeout: .seconds(5)) }
            #expect(followed.map(\.text) == ["later"])
        }
    }

    @Test("Reading an empty topic to its end returns at once")
    func empty() async throws {
        try await withReader { reader, _ in
            var calls = 0
            try await reader.readToEnd(places) { _ in calls += 1 }
            #expect(calls == 0)
        }
    }

    @Test("Each start position is where reading starts, and a new assignment replaces the old")
    func starts() async throws {
        try await withReader { reader, producer in
            for number in 0..<5 { _ = try await producer.send(.text("t", "\(number)")) }
            try await reader.assign([places[0]: .offset(3)])
            var read: [ConsumerRecord] = []
            try await reader.read(until: [places[0]: 5]) { read += $0 }
            #expect(read.map(\.text) == ["3", "4"])

            try await reader.assign([places[0]: .beginning])
            read = []
            try await reader.read(until: [places[0]: 5]) { read += $0 }
            #expect(read.map(\.text) == ["0", "1", "2", "3", "4"])

            try await reader.assign([places[0]: .end])
            try await reader.read(until: [places[0]: 5]) { _ in Issue.record("nothing is new") }
        }
    }

    @Test("Ends and beginnings are known without reading")
    func offsets() async throws {
        try await withReader { reader, producer in
            for _ in 0..<4 { _ = try await producer.send(.text("t", "x", partition: 1)) }
            #expect(try await reader.endOffsets(places) == [places[0]: 0, places[1]: 4, places[2]: 0])
            #expect(try await reader.beginningOffsets(places) == [places[0]: 0, places[1]: 0, places[2]: 0])
        }
    }

    @Test("Offsets of a partition that does not exist are an error that says so")
    func unknown() async throws {
        try await withReader { reader, _ in
            let error = await #expect(throws: KafkaError.self) {
                try await reader.endOffsets([TopicPartition(topic: "t", partition: 9)])
            }
            #expect(error?.code == .unknownTopicOrPartition)
        }
    }

    @Test("What the closure throws ends the reading")
    func closureThrows() async throws {
        struct Enough: Error {}
        try await withReader { reader, producer in
            _ = try await producer.send(.text("t", "x"))
            await #expect(throws: Enough.self) { try await reader.readToEnd(places) { _ in throw Enough() } }
            // The reader is as usable as before.
            try await reader.readToEnd(places) { _ in }
        }
    }

    @Test("The cluster's topics are listed with their partitions")
    func topics() async throws {
        try await withReader { _, producer in
            _ = try await producer.send(.text("t", "x"))
            let admin = try KafkaAdmin(cluster.configuration(), logger: silent)
            let topics = try await admin.topics()
            #expect(topics.map(\.name) == ["t"])
            #expect(topics.map(\.partitions) == [[0, 1, 2]])
            #expect(topics.allSatisfy { $0.replicationFactor > 0 && $0.leaderless.isEmpty })
            await admin.close()
        }
    }
}
