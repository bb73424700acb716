// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka
import Synchronization
import Testing

@testable import Kafka

@Suite("Group consumer on the mock cluster", .timeLimit(.minutes(3)))
struct GroupConsumerTests {
    let cluster: MockCluster
    let handler = RecordingHandler()
    let places = (0..<2).map { TopicPartition(topic: "t", partition: $0) }

    init() throws {
        cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 2)
    }

    func makeConsumer(
        instanceID: String? = nil, topics: [String] = ["t"], handler: RecordingHandler? = nil,
        strategy: String = "range"
    ) throws -> GroupConsumer {
        let group = ConsumerGroupConfiguration(
            group: "g", instanceID: instanceID, topics: topics, assignmentStrategy: strategy)
        return try GroupConsumer(
            cluster.configuration(), group: group, rebalance: handler ?? self.handler, logger: silent)
    }

    func write(_ values: [String], partition: Int32 = 0) async throws {
        let producer = try KafkaProducer(cluster.configuration(), logger: silent)
        for value in values { _ = try await producer.send(.text("t", value, partition: partition)) }
        await producer.close(timeout: .seconds(5))
    }

    @Test("The handler is told before records come, no more than asked for come at once, and closing revokes")
    func lifeCycle() async throws {
        try await write(["a", "b", "c"])
        let consumer = try makeConsumer()
        let records = try await consumer.read(2)
        #expect(records.map(\.text) == ["a", "b"])
        #expect(await handler.events == [.assigned(places, committed: [])])
        #expect(Set(try await consumer.assignment()) == Set(places))
        #expect(try await consumer.position(places) == [places[0]: 2])
        await consumer.close()
        #expect(await handler.events.last == .revoked(places, lost: false))
        let error = await #expect(throws: KafkaError.self) {
            try await consumer.poll(maximum: 1, timeout: .seconds(1))
        }
        #expect(error?.code == .closed)
    }

    @Test("Committed offsets come back with their metadata, to the next member too")
    func committed() async throws {
        try await write(["a", "b", "c"])
        let first = try makeConsumer()
        _ = try await first.read(2)
        let offset = CommittedOffset(topicPartition: places[0], offset: 1, metadata: "done: 2, ü")
        try await first.commit([offset])
        #expect(try await first.committed(places) == [offset])
        await first.close()

        let later = RecordingHandler()
        let second = try makeConsumer(handler: later)
        #expect(try await second.read(2).map(\.text) == ["b", "c"])
        #expect(await later.events == [.assigned(places, committed: [offset])])
        await second.close()

        let admin = try KafkaAdmin(cluster.configuration(), logger: silent)
        #expect(try await admin.committedOffsets(group: "g", partitions: places) == [offset])
        let lag = try await admin.lag(group: "g", partitions: places)
        #expect(lag.map(\.offsets) == [2, 0])
        #expect(lag.map(\.committed) == [1, nil])
        await admin.close()
    }

    @Test(
        "Offsets are asked for again while the group's coordinator is still loading",
        arguments: [
            RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
        ])
    func coordinatorSettles(answer: rd_kafka_resp_err_t) async throws {
        let admin = try KafkaAdmin(cluster.configuration(), logger: silent)
        cluster.answer(.offsetFetch, with: answer, answer)
        #expect(try await admin.committedOffsets(group: "g", partitions: places).isEmpty)
        await admin.close()
    }

    @Test("A seek within the handler decides where reading starts; one afterwards, where it goes on")
    func seek() async throws {
        try await write(["a", "b", "c", "d"])
        let consumer = try makeConsumer()
        let place = places[0]
        await handler.onAssigned { _ in try await consumer.seek([place: .offset(2)]) }
        #expect(try await consumer.read(2).map(\.text) == ["c", "d"])
        try await consumer.seek([CommittedOffset(topicPartition: place, offset: 1)])
        #expect(try await consumer.read(3).map(\.text) == ["b", "c", "d"])
        await consumer.close()
    }

    @Test("Other calls do not wait for a poll that waits, and neither does cancelling it")
    func wake() async throws {
        let consumer = try makeConsumer()
        while try await consumer.assignment().isEmpty {
            _ = try await consumer.poll(maximum: 1, timeout: .milliseconds(200))
        }
        let clock = ContinuousClock()
        let spent = try await clock.measure {
            try await withThrowingTaskGroup { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await consumer.poll(maximum: 1, timeout: .seconds(60))
                    }
                }
                for _ in 0..<20 { _ = try await consumer.position(places) }
                try await consumer.pause(places)
                try await consumer.resume(places)
                group.cancelAll()
                try await group.waitForAll()
            }
        }
        #expect(spent < .seconds(5))
        await consumer.close()
    }

    @Test("A second poll at the same time is refused")
    func onePoll() async throws {
        let consumer = try makeConsumer()
        let handlerRuns = EndSignal()
        let release = EndSignal()
        await handler.onAssigned { _ in
            handlerRuns.signal()
            await release.wait()
        }
        try await withThrowingTaskGroup { group in
            group.addTask {
                while try await consumer.assignment().isEmpty {
                    _ = try await consumer.poll(maximum: 1, timeout: .milliseconds(200))
                }
            }
            await handlerRuns.wait()
            let error = await #expect(throws: KafkaError.self) {
                try await consumer.poll(maximum: 1, timeout: .seconds(1))
            }
            #expect(error?.code == .invalidState)
            // While the handler runs, the other calls are served.
            _ = try await consumer.groupMetadata()
            _ = try await consumer.committed(places)
            release.signal()
            try await group.waitForAll()
        }
        await consumer.close()
    }

    @Test("A handler that refuses an assignment ends the poll with its error, and closing does not hang")
    func refused() async throws {
        struct Refused: Error {}
        let consumer = try makeConsumer()
        await handler.onAssigned { _ in throw Refused() }
        await #expect(throws: Refused.self) {
            while true { _ = try await consumer.poll(maximum: 1, timeout: .seconds(1)) }
        }
        #expect(try await consumer.assignment().isEmpty)
        await consumer.close()
    }

    @Test("A rebalance left unanswered by a cancelled poll is answered by the next one", arguments: [false, true])
    func unanswered(closes: Bool) async throws {
        try await write(["a"])
        let consumer = try makeConsumer()
        let handlerRuns = EndSignal()
        await handler.onAssigned { _ in handlerRuns.signal() }
        consumer.rebalancing.pending = nil
        // Take the event as poll would, and go away before answering it.
        while consumer.rebalancing.pending == nil {
            let handle = consumer.handle
            let slice = try await consumer.thread.run("take") {
                handle.pollSlice(maximum: 1, within: .milliseconds(200))
            }
            consumer.rebalancing.keep(slice.rebalance, slice.failure)
        }
        if !closes { #expect(try await consumer.read(1).map(\.text) == ["a"]) }
        await consumer.close()
        #expect(await handler.events.isEmpty == closes)
    }

    @Test("Until the handler has revoked a partition nobody else gets it", arguments: ["range", "cooperative-sticky"])
    func revocationWaits(strategy: String) async throws {
        try await write(["a"], partition: 0)
        try await write(["b"], partition: 1)
        let first = try makeConsumer(strategy: strategy)
        #expect(try await first.read(2).count == 2)
        let firstRevokes = EndSignal()
        let release = EndSignal()
        await handler.onRevoked { _ in
            firstRevokes.signal()
            await release.wait()
        }
        let otherHandler = RecordingHandler()
        let second = try makeConsumer(handler: otherHandler, strategy: strategy)
        try await withThrowingTaskGroup { group in
            group.addTask {
                // The first goes on until the second has its share: a member that does not poll holds the group up.
                while await !otherHandler.events.contains(where: { $0.gives }) {
                    _ = try await first.poll(maximum: 1, timeout: .milliseconds(200))
                }
            }
            group.addTask {
                while true {
                    _ = try await second.poll(maximum: 1, timeout: .milliseconds(200))
                    let events = await otherHandler.events
                    if events.contains(where: { $0.gives }) { return }
                }
            }
            await firstRevokes.wait()
            #expect(await otherHandler.events.contains { $0.gives } == false)
            release.signal()
            try await group.waitForAll()
        }
        await handler.onRevoked { _ in }
        await second.close()
        await first.close()
    }

    @Test("Static members read and close like any other")
    func staticMember() async throws {
        try await write(["a"])
        let consumer = try makeConsumer(instanceID: "one")
        #expect(try await consumer.read(1).map(\.text) == ["a"])
        await consumer.close()
        #expect(await handler.events.last == .revoked(places, lost: false))
    }
}

extension RecordingHandler.Event {
    /// Whether it gives partitions.
    var gives: Bool {
        if case .assigned(let partitions, _) = self { !partitions.isEmpty } else { false }
    }
}
