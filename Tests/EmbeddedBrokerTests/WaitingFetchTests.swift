// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("Fetches that wait", .timeLimit(.minutes(1)))
struct WaitingFetchTests {
    /// Asks for all records of partitions, in this order, and waits for a minute.
    private func request(
        _ topics: KeyValuePairs<String, [Int32]>, minBytes: Int = 1, maxBytes: Int = 1 << 20, isolationLevel: Int8 = 0
    ) -> FetchRequest {
        var request = FetchRequest(
            maxWaitMilliseconds: 60_000, minBytes: Int32(minBytes), maxBytes: Int32(maxBytes),
            isolationLevel: isolationLevel)
        request.topics = topics.map { name, partitions in
            FetchRequest.Topic(
                name: name, partitions: partitions.map { FetchRequest.Partition(index: $0, maxBytes: 1 << 20) })
        }
        return request
    }

    /// The answer to a fetch that waits since before `meanwhile` was done.
    private func answer(
        to request: FetchRequest, _ fixture: BrokerFixture, meanwhile: () async throws -> Void
    ) async throws -> FetchResponse {
        let answer = try await waiting(request, try await TestClient(fixture.address), fixture)
        try await meanwhile()
        var decoder = WireDecoder(try await answer.get(), version: Self.version, isFlexible: false)
        return try decoder.message()
    }

    private static let version: Int16 = 11

    /// Sends a fetch and returns when the broker has looked at it: one thread reads from all connections, so what it
    /// reads of another one a round trip later comes after the fetch.
    private func waiting(
        _ request: FetchRequest, _ client: TestClient, _ fixture: BrokerFixture
    ) async throws -> EventLoopFuture<ByteBuffer> {
        let answer = try await client.begin(TestClient.frame(request, version: Self.version))
        for _ in 1...2 { _ = try await fixture.client.send(ListGroupsRequest()) }
        return answer
    }

    @Test("are answered with what came, and in the request's order with where every partition ends")
    func everyPartition() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("a", partitions: 3)
            _ = try await fixture.createTopic("b", partitions: 2)
            let answer = try await answer(to: request(["b": [1, 0], "a": [2, 0, 1]]), fixture) { () async throws in
                #expect(try await fixture.produce(TestBatch(values: ["x"]), to: "a", partition: 0).error == .none)
            }
            #expect(answer.topics.map(\.name) == ["b", "a"])
            #expect(answer.topics.map { $0.partitions.map(\.index) } == [[1, 0], [2, 0, 1]])
            let parts = answer.topics.flatMap(\.partitions)
            #expect(parts.map(\.error) == Array(repeating: .none, count: 5))
            #expect(parts.map(\.highWatermark) == [0, 0, 0, 1, 0])
            #expect(parts.map { $0.batches?.count ?? 0 > 0 } == [false, false, false, true, false])
        }
    }

    @Test("for many bytes may wait long for the first, and not long for the others")
    func gathering() async throws {
        try await BrokerFixture.with(configure: { $0.fetchGathering = .milliseconds(1) }) { fixture async throws in
            _ = try await fixture.createTopic("t")
            let batch = TestBatch(values: ["x"])
            let wanted = request(["t": [0]], minBytes: 1 << 20)
            let answer = try await answer(to: wanted, fixture) { () async throws in
                #expect(try await fixture.produce(batch, to: "t").error == .none)
            }
            #expect(answer.topics[0].partitions[0].headers.count == 1)
            // What is there already is not waited for either.
            let again = try await self.answer(to: wanted, fixture) {}
            #expect(again.topics[0].partitions[0].headers.count == 1)
        }
    }

    @Test("for many bytes are answered when their partitions have them together", arguments: [0, 1])
    func manyBytes(isolationLevel: Int8) async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t", partitions: 3)
            let batch = TestBatch(values: ["x"])
            let wanted = request(
                ["t": [2, 1, 0]], minBytes: 3 * batch.bytes.readableBytes, isolationLevel: isolationLevel)
            let answer = try await answer(to: wanted, fixture) { () async throws in
                for partition: Int32 in [0, 2, 0] {
                    #expect(try await fixture.produce(batch, to: "t", partition: partition).error == .none)
                }
            }
            let counts = answer.topics[0].partitions.map(\.headers.count)
            #expect(counts == [1, 0, 2])
        }
    }

    @Test("get no more bytes than they may, but always the first batch that there is")
    func maxBytes() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t", partitions: 3)
            let small = TestBatch(values: ["x"])
            let large = TestBatch(values: [String(repeating: "x", count: 1000)])
            let size = 2 * small.bytes.readableBytes
            let wanted = request(["t": [1, 0, 2]], minBytes: size, maxBytes: size)
            let answer = try await answer(to: wanted, fixture) { () async throws in
                #expect(try await fixture.produce(small, to: "t", partition: 2).error == .none)
                #expect(try await fixture.produce(large, to: "t", partition: 0).error == .none)
            }
            let bytes = answer.topics[0].partitions.map { $0.batches?.count }
            #expect(bytes == [0, large.bytes.readableBytes, 0])
            #expect(answer.topics[0].partitions.map(\.highWatermark) == [0, 1, 1])
        }
    }

    @Test("for committed records are answered by a transaction's end, not by its records")
    func committedRecords() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            let producer = try await fixture.initialise("id")
            let answer = try await answer(to: request(["t": [0]], isolationLevel: 1), fixture) { () async throws in
                #expect(try await fixture.addPartition("t", to: "id", producer) == .none)
                let batch = TestBatch(
                    values: ["x"], producerID: producer.producerID, producerEpoch: producer.producerEpoch, sequence: 0,
                    isTransactional: true)
                #expect(try await fixture.produce(batch, to: "t", transactionalID: "id").error == .none)
                // Looks at the partition when the record is durable, as the fetch does.
                #expect(try await fixture.fetch("t", from: 0, maxWait: 10_000).highWatermark == 1)
                #expect(try await fixture.end("id", producer, commit: true) == .none)
            }
            let part = answer.topics[0].partitions[0]
            #expect(part.headers.map(\.isControl) == [false, true])
            #expect(part.lastStableOffset == 2)
        }
    }

    @Test("for committed records get all that a transaction wrote in one answer")
    func wholeTransaction() async throws {
        try await BrokerFixture.with { fixture async throws in
            let topics = ["a", "b", "c"]
            for topic in topics { _ = try await fixture.createTopic(topic) }
            let producer = try await fixture.initialise("id")
            let answer = try await answer(
                to: request(["a": [0], "b": [0], "c": [0]], isolationLevel: 1), fixture
            ) { () async throws in
                for topic in topics {
                    #expect(try await fixture.addPartition(topic, to: "id", producer) == .none)
                    let batch = TestBatch(
                        values: ["x"], producerID: producer.producerID, producerEpoch: producer.producerEpoch,
                        sequence: 0, isTransactional: true)
                    #expect(try await fixture.produce(batch, to: topic, transactionalID: "id").error == .none)
                }
                #expect(try await fixture.end("id", producer, commit: true) == .none)
            }
            let counts = answer.topics.map(\.partitions[0].headers.count)
            #expect(counts == [2, 2, 2])
        }
    }

    @Test("are told of a topic's deletion, for each of its partitions")
    func deletedTopic() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("kept")
            _ = try await fixture.createTopic("gone", partitions: 2)
            let answer = try await answer(to: request(["kept": [0], "gone": [0, 1]]), fixture) { () async throws in
                _ = try await fixture.client.send(DeleteTopicsRequest(topics: [.init(name: "gone")]))
            }
            let errors = answer.topics.flatMap(\.partitions).map(\.error)
            #expect(errors == [.none, .unknownTopicOrPartition, .unknownTopicOrPartition])
        }
    }

    @Test("may name a partition twice, and may be given up, without harm to those that wait beside them")
    func givenUp() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t", partitions: 2)
            let leaving = try await TestClient(fixture.address)
            let given = try await waiting(request(["t": [0, 1, 0, 0]]), leaving, fixture)
            let answer = try await answer(to: request(["t": [1, 0, 0]]), fixture) { () async throws in
                try await leaving.close()
                await #expect(throws: TestClient.ConnectionClosed.self) { try await given.get() }
                #expect(try await fixture.produce(TestBatch(values: ["x"]), to: "t").error == .none)
            }
            #expect(answer.topics[0].partitions.map(\.highWatermark) == [0, 1, 1])
        }
    }

    @Test("are answered once when news and the end of their time come to be looked at together, as after a pause")
    func newsAndTimeTogether() async throws {
        // The broker's thread stands still in the end of "pause"; by then the markers of "news" and the fetch are due.
        try await BrokerFixture.with(configure: {
            // So that markers are seen as soon as they are written.
            $0.fsync = .never
            $0.markerDelay = { id in
                guard id == "pause" else { return .seconds(1) }
                Thread.sleep(forTimeInterval: 2)
                return .zero
            }
        }) { fixture async throws in
            _ = try await fixture.createTopic("t")
            let producers = [try await fixture.initialise("news"), try await fixture.initialise("pause")]
            for (id, producer) in zip(["news", "pause"], producers) {
                #expect(try await fixture.addPartition("t", to: id, producer) == .none)
            }
            let batch = TestBatch(
                values: ["x"], producerID: producers[0].producerID, producerEpoch: producers[0].producerEpoch,
                sequence: 0, isTransactional: true)
            #expect(try await fixture.produce(batch, to: "t", transactionalID: "news").error == .none)
            #expect(try await fixture.end("news", producers[0], commit: true) == .none)
            var wanted = request(["t": [0]], isolationLevel: 1)
            wanted.maxWaitMilliseconds = 1200
            let answer = try await answer(to: wanted, fixture) { () async throws in
                #expect(try await fixture.end("pause", producers[1], commit: false) == .none)
            }
            #expect(answer.topics[0].partitions[0].lastStableOffset == 2)
            #expect(try await fixture.fetch("t", from: 0).highWatermark == 2)
        }
    }
}
