// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization
import Testing

@testable import EmbeddedBroker

/// The cleaner as clients notice it, with a clock that the test moves.
@Suite("The cleaner", .timeLimit(.minutes(2)))
struct CleanerTests {
    private final class Clock: Sendable {
        let milliseconds = Atomic<Int64>(1_700_000_000_000)

        func advance(_ by: Int64) { milliseconds.wrappingAdd(by, ordering: .relaxed) }
        var now: Int64 { milliseconds.load(ordering: .relaxed) }
    }

    private let clock = Clock()
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func withBroker(_ body: (BrokerFixture) async throws -> Void) async throws {
        try await BrokerFixture.with(
            directory: directory,
            configure: { [clock] configuration in
                configuration.wallClock = { clock.now }
                configuration.cleaningInterval = .seconds(3600)
                configuration.producerIDExpiration = .seconds(100)
                configuration.transactionalIDExpiration = .seconds(200)
                configuration.offsetsRetention = .seconds(300)
            }, body)
    }

    private func earliest(_ fixture: BrokerFixture, _ topic: String) async throws -> Int64 {
        let request = ListOffsetsRequest(
            topics: [.init(name: topic, partitions: [.init(timestamp: ListOffsetsRequest.earliest)])])
        return try await fixture.client.send(request).topics[0].partitions[0].offset
    }

    private func put(
        _ fixture: BrokerFixture, _ topic: String, _ records: [TestBatch.Record]
    ) async throws -> ErrorCode {
        var batch = TestBatch(records)
        batch.timestamp = clock.now
        return try await fixture.produce(batch, to: topic).error
    }

    @Test("Old segments go, the log's start moves with them and stays there after a restart")
    func retention() async throws {
        try await withBroker { fixture async throws in
            let configs = ["retention.ms": "10000", "segment.bytes": "200"]
            #expect(try await fixture.createTopic("t", configs: configs) == .none)
            for number in 0..<10 {
                #expect(try await put(fixture, "t", [.init(key: nil, value: "\(number)")]) == .none)
                clock.advance(1000)
            }
            try await fixture.broker.clean()
            #expect(try await earliest(fixture, "t") == 0)
            clock.advance(6000)
            try await fixture.broker.clean()
            let start = try await earliest(fixture, "t")
            #expect(start > 0 && start < 10)
            #expect(try await fixture.fetch("t", from: start - 1).error == .offsetOutOfRange)
            #expect(try await fixture.fetch("t", from: start).error == .none)
        }
        try await withBroker { fixture async throws in
            #expect(try await earliest(fixture, "t") > 0)
            clock.advance(100_000)
            try await fixture.broker.clean()
            #expect(try await earliest(fixture, "t") == 10)
            #expect(try await put(fixture, "t", [.init(key: nil, value: "x")]) == .none)
            #expect(try await fixture.fetch("t", from: 10).highWatermark == 11)
        }
    }

    @Test("An open transaction keeps what it may need")
    func openTransaction() async throws {
        try await withBroker { fixture async throws in
            _ = try await fixture.createTopic("t", configs: ["retention.ms": "1", "segment.bytes": "200"])
            let producer = try await fixture.initialise("id", timeout: 900_000)
            _ = try await fixture.addPartition("t", to: "id", producer)
            var batch = TestBatch(values: ["v"])
            (batch.producerID, batch.producerEpoch, batch.sequence) = (producer.producerID, producer.producerEpoch, 0)
            (batch.isTransactional, batch.timestamp) = (true, clock.now)
            #expect(try await fixture.produce(batch, to: "t", transactionalID: "id").error == .none)
            for _ in 0..<5 { _ = try await put(fixture, "t", [.init(key: nil, value: "x")]) }
            clock.advance(60_000)
            try await fixture.broker.clean()
            #expect(try await earliest(fixture, "t") == 0)
            #expect(try await fixture.end("id", producer, commit: true) == .none)
            // The fetch returns when the marker is visible; from then on nothing holds the records.
            #expect(try await fixture.fetch("t", from: 6, committedOnly: true, maxWait: 30_000).highWatermark == 7)
            clock.advance(60_000)
            try await fixture.broker.clean()
            #expect(try await earliest(fixture, "t") == 7)
        }
    }

    @Test("A compacted topic keeps the last record of each key, for readers and after a restart")
    func compaction() async throws {
        let configs = ["cleanup.policy": "compact", "segment.bytes": "300", "min.cleanable.dirty.ratio": "0.01"]
        func offsets(_ fixture: BrokerFixture) async throws -> [Int64] {
            try await fixture.fetch("t", from: 0).headers.map(\.baseOffset)
        }
        try await withBroker { fixture async throws in
            #expect(try await fixture.createTopic("t", configs: configs) == .none)
            for number in 0..<20 {
                #expect(try await put(fixture, "t", [.init(key: "k\(number % 2)", value: "v")]) == .none)
            }
            let before = try await offsets(fixture)
            #expect(before == Array(0..<20))
            try await fixture.broker.clean()
            let after = try await offsets(fixture)
            #expect(after.count < 8)
            #expect(after.suffix(2) == [18, 19])
        }
        try await withBroker { fixture async throws in
            #expect(try await offsets(fixture).count < 8)
            #expect(try await fixture.fetch("t", from: 0).highWatermark == 20)
        }
    }

    @Test("A compacted topic refuses records without keys, compressed ones too")
    func keyless() async throws {
        try await withBroker { fixture async throws in
            _ = try await fixture.createTopic("t", configs: ["cleanup.policy": "compact"])
            for codec in [Int16(0), 1] {
                for (key, code) in [(nil, ErrorCode.invalidRecord), ("k", .none)] {
                    var batch = TestBatch([.init(key: "k", value: "v"), .init(key: key, value: "v")])
                    if codec == 1 { batch.compression = (1, StoredGzip.compress) }
                    #expect(try await fixture.produce(batch, to: "t").error == code)
                }
            }
            var damaged = TestBatch([.init(key: "k", value: "v")])
            damaged.compression = (1, { _ in ByteBuffer(string: "no gzip") })
            #expect(try await fixture.produce(damaged, to: "t").error == .invalidRecord)
        }
    }

    @Test("Idle transactional ids and the offsets of empty groups are forgotten, also by the next start")
    func expiry() async throws {
        func offset(_ fixture: BrokerFixture) async throws -> Int64? {
            let request = OffsetFetchRequest(groupID: "g", topics: [.init(name: "t", partitions: [0])])
            return try await fixture.client.send(request, version: 7).topics.first?.partitions.first?.offset
        }
        func transactionError(_ fixture: BrokerFixture, _ producer: InitProducerIdResponse) async throws -> ErrorCode {
            try await fixture.addPartition("t", to: "id", producer)
        }
        var producer = InitProducerIdResponse()
        try await withBroker { fixture async throws in
            _ = try await fixture.createTopic("t")
            producer = try await fixture.initialise("id")
            let place = OffsetCommitRequest.Partition(index: 0, offset: 5)
            _ = try await fixture.client.send(
                OffsetCommitRequest(groupID: "g", topics: [.init(name: "t", partitions: [place])]))
            try await fixture.broker.clean()
        }
        try await withBroker { fixture async throws in
            clock.advance(199_000)
            try await fixture.broker.clean()
            #expect(try await offset(fixture) == 5)
            clock.advance(1000)
            try await fixture.broker.clean()
            #expect(try await transactionError(fixture, producer) == .invalidProducerIDMapping)
            #expect(try await offset(fixture) == 5)
            clock.advance(100_000)
            try await fixture.broker.clean()
            #expect(try await offset(fixture) == -1)
        }
        try await withBroker { fixture async throws in
            #expect(try await transactionError(fixture, producer) == .invalidProducerIDMapping)
            #expect(try await offset(fixture) == -1)
        }
    }
}

/// The gzip format without compression.
private enum StoredGzip {
    static func compress(_ bytes: ByteBuffer) -> ByteBuffer {
        var all = ByteBuffer(bytes: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1])
        let length = UInt16(bytes.readableBytes)
        all.writeInteger(length, endianness: .little)
        all.writeInteger(~length, endianness: .little)
        all.writeImmutableBuffer(bytes)
        all.writeInteger(UInt64(0))
        return all
    }
}
