// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("Produce, fetch and connections as served", .timeLimit(.minutes(1)))
struct ServedLogTests {
    @Test("A waiting fetch is answered by the next append, not by its timeout")
    func longPoll() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            let reader = fixture
            async let waiting = reader.fetch("t", from: 0, maxWait: 50_000)
            var writer = fixture
            writer.client = try await TestClient(fixture.address)
            #expect(try await writer.produce(TestBatch(values: ["a"]), to: "t").error == .none)
            #expect(try await waiting.headers.count == 1)
        }
    }

    @Test("Who asks for the end of what is committed is told of every record that the broker took", arguments: [0, 1])
    func acknowledgedEnd(isolationLevel: Int8) async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            for number in 0..<20 {
                // Acknowledged when it is written, which is before it is durable.
                let sent = try await fixture.produce(TestBatch(values: ["\(number)"]), to: "t", acks: 1)
                let wanted = ListOffsetsRequest.Partition(index: 0, timestamp: ListOffsetsRequest.latest)
                let end = try await fixture.client.send(
                    ListOffsetsRequest(
                        isolationLevel: isolationLevel, topics: [.init(name: "t", partitions: [wanted])]))
                #expect(end.topics[0].partitions[0].offset == sent.baseOffset + 1)
            }
        }
    }

    @Test("A fetch that finds nothing is answered empty when its time is over")
    func emptyFetch() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            let read = try await fixture.fetch("t", from: 0, maxWait: 20)
            #expect(read.error == .none)
            #expect(read.batches?.count == 0)
            #expect(try await fixture.fetch("t", from: 1).error == .offsetOutOfRange)
        }
    }

    @Test("An idempotent batch sent twice is stored once")
    func idempotence() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            let producer = try await fixture.initialise(nil)
            let batch = TestBatch(values: ["a", "b"], producerID: producer.producerID, producerEpoch: 0, sequence: 0)
            #expect(try await fixture.produce(batch, to: "t").baseOffset == 0)
            #expect(try await fixture.produce(batch, to: "t").baseOffset == 0)
            #expect(try await fixture.fetch("t", from: 0).highWatermark == 2)
        }
    }

    @Test("A topic's rules are kept: size of batches, keys where it is compacted")
    func rules() async throws {
        try await BrokerFixture.with { fixture async throws in
            let configs = ["max.message.bytes": "200", "cleanup.policy": "compact"]
            #expect(try await fixture.createTopic("t", configs: configs) == .none)
            let large = TestBatch(values: [String(repeating: "x", count: 200)])
            #expect(try await fixture.produce(large, to: "t").error == .messageTooLarge)
            #expect(
                try await fixture.produce(TestBatch(values: ["x"], hasKeys: false), to: "t").error == .invalidRecord)
            #expect(try await fixture.produce(TestBatch(values: ["x"]), to: "t").error == .none)
            #expect(try await fixture.produce(TestBatch(values: ["x"]), to: "u").error == .unknownTopicOrPartition)
            #expect(try await fixture.produce(TestBatch(values: ["x"]), to: "t", acks: 2).error == .invalidRequiredAcks)
        }
    }

    @Test("Topics are refused that have bad names, counts or configurations")
    func badTopics() async throws {
        try await BrokerFixture.with { fixture async throws in
            #expect(try await fixture.createTopic("../x") == .invalidTopic)
            #expect(try await fixture.createTopic("t", partitions: 0) == .invalidPartitions)
            #expect(try await fixture.createTopic("t", configs: ["no.such.key": "1"]) == .invalidConfig)
            #expect(try await fixture.createTopic("t", configs: ["retention.ms": "soon"]) == .invalidConfig)
            #expect(try await fixture.createTopic("t") == .none)
            #expect(try await fixture.createTopic("t") == .topicAlreadyExists)
        }
    }

    @Test("A topic may ask for as many replicas as the configuration says, and gets one")
    func replicationFactor() async throws {
        var topic = CreateTopicsRequest.Topic(name: "t", partitionCount: 1, replicationFactor: 3)
        try await BrokerFixture.with { fixture async throws in
            let refused = try await fixture.client.send(CreateTopicsRequest(topics: [topic])).topics[0]
            #expect(refused.error == .invalidReplicationFactor)
        }
        try await BrokerFixture.with(configure: { $0.acceptedReplicationFactor = 3 }) { fixture async throws in
            let created = try await fixture.client.send(CreateTopicsRequest(topics: [topic])).topics[0]
            #expect(created.error == .none)
            #expect(created.replicationFactor == 1)
            (topic.name, topic.replicationFactor) = ("u", 4)
            let refused = try await fixture.client.send(CreateTopicsRequest(topics: [topic])).topics[0]
            #expect(refused.error == .invalidReplicationFactor)
        }
    }

    @Test("Bytes after a request are left alone: librdkafka 2.15 sends some when it asks for all topics")
    func bytesAfterRequest() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            var frame = ByteBuffer(integer: Int32(17))
            frame.writeInteger(MetadataRequest.api.key)
            frame.writeInteger(Int16(12))
            frame.writeInteger(Int32(7))
            frame.writeInteger(Int16(-1))
            frame.writeBytes([0, 0, 0, 0, 0, 1, 0])
            frame.setInteger(Int32(frame.readableBytes - 4), at: 0)
            var body = try await fixture.client.exchange(frame)
            body.moveReaderIndex(forwardBy: 1)
            let answer = try Coding.decode(body, as: MetadataResponse.self, version: 12, flexible: true)
            #expect(answer.topics.map(\.name) == ["t"])
        }
    }

    @Test("The longest texts that a client can send are refused in an answer that can be sent")
    func longestTexts() async throws {
        try await BrokerFixture.with { fixture async throws in
            let longest = String(repeating: "x", count: Int(Int16.max))
            #expect(try await fixture.createTopic("t", configs: [longest: "1"]) == .invalidConfig)
            #expect(try await fixture.createTopic("t", configs: ["retention.ms": longest]) == .invalidConfig)
            #expect(try await fixture.createTopic(longest) == .invalidTopic)
        }
    }

    @Test("A version that is not served is answered in the first version's form, with what is")
    func versionNegotiation() async throws {
        try await BrokerFixture.with { fixture async throws in
            var frame = ByteBuffer(integer: Int32(10))
            frame.writeInteger(Int16(18))
            frame.writeInteger(Int16(99))
            frame.writeInteger(Int32(7))
            frame.writeInteger(Int16(-1))
            let answer = try await fixture.client.exchange(frame)
            let versions = try Coding.decode(answer, as: ApiVersionsResponse.self, version: 0, flexible: false)
            #expect(versions.error == .unsupportedVersion)
            #expect(versions.apis.first { $0.key == 0 }?.minimum == 0)
        }
    }

    @Test(
        "Hostile bytes end their own connection and no other",
        arguments: [
            [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0],
            [0, 0, 0, 8, 0x03, 0xE7, 0, 0, 0, 0, 0, 1], [0, 0, 0, 3, 1, 2, 3],
        ] as [[UInt8]])
    func hostileBytes(bytes: [UInt8]) async throws {
        try await BrokerFixture.with { fixture async throws in
            let hostile = try await TestClient(fixture.address)
            await #expect(throws: TestClient.ConnectionClosed.self) {
                try await hostile.exchange(ByteBuffer(bytes: bytes))
            }
            #expect(try await fixture.createTopic("t") == .none)
        }
    }

    @Test("State outlives a restart: records, topics, offsets, producers, configuration")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let producer = try await BrokerFixture.with(directory: directory) { fixture async throws in
            _ = try await fixture.createTopic("t", configs: ["retention.ms": "1234"])
            _ = try await fixture.produce(TestBatch(values: ["a", "b"]), to: "t")
            let place = OffsetCommitRequest.Partition(index: 0, offset: 2, metadata: "m")
            let commit = try await fixture.client.send(
                OffsetCommitRequest(groupID: "g", topics: [.init(name: "t", partitions: [place])]))
            #expect(commit.topics[0].partitions[0].error == .none)
            return try await fixture.initialise("id")
        }
        try await BrokerFixture.with(directory: directory) { fixture async throws in
            #expect(try await fixture.fetch("t", from: 0).highWatermark == 2)
            let offsets = try await fixture.client.send(OffsetFetchRequest(groupID: "g"), version: 7)
            #expect(offsets.topics.first?.partitions.first?.offset == 2)
            #expect(offsets.topics.first?.partitions.first?.metadata == "m")
            let again = try await fixture.initialise("id")
            #expect(again.producerID == producer.producerID)
            #expect(again.producerEpoch == producer.producerEpoch + 1)
            let resource = DescribeConfigsRequest.Resource(type: 2, name: "t", keys: ["retention.ms"])
            let configs = try await fixture.client.send(DescribeConfigsRequest(resources: [resource]))
            #expect(configs.results[0].configs.first?.value == "1234")
        }
    }

    @Test("A directory is used by one broker at a time")
    func directoryLock() async throws {
        let directory = try TemporaryDirectory()
        try await BrokerFixture.with(directory: directory) { _ in
            await #expect(throws: StorageError.self) {
                try await EmbeddedBroker(BrokerConfiguration(dataDirectory: directory.path)).start()
            }
        }
    }
}
