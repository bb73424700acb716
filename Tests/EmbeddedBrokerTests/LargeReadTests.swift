// SPDX-License-Identifier: Apache-2.0

import NIOCore
import TestSupport
import Testing

@testable import EmbeddedBroker

@Suite("Reads that are large enough to be sent from the file", .timeLimit(.minutes(1)))
struct LargeReadTests {
    private static let segmentBytes = 1 << 20

    @Test("They hold the batches that reads of one batch each would give, in growing and in sealed segments")
    func sameBatches() throws {
        let directory = try TemporaryDirectory()
        let limits = PartitionLog.Limits(segmentBytes: Self.segmentBytes)
        let growing = try PartitionLog(directory: directory.path, limits: limits)
        var random = SeededGenerator(seed: 20_261_130)
        while growing.size < 4 * Self.segmentBytes {
            let length = Int.random(in: 1...(Bool.random(using: &random) ? 200 : 60_000), using: &random)
            let values = (0..<Int.random(in: 1...3, using: &random)).map { _ in String(repeating: "x", count: length) }
            let batch = TestBatch(values: values)
            _ = try growing.append(batch.bytes, try batch.header())
        }
        for log in [growing, try PartitionLog(directory: directory.path, limits: limits)] {
            let batches = try log.allBatches()
            #expect(batches.count > 100)
            var stored = 0
            for _ in 0..<300 where try compare(log, batches, &random) { stored += 1 }
            #expect(stored > 100)
        }
    }

    /// Reads from somewhere as much as something; whether it is to be sent from the file.
    private func compare(
        _ log: PartitionLog, _ batches: [(header: RecordBatchHeader, bytes: ByteBuffer)],
        _ random: inout SeededGenerator
    ) throws -> Bool {
        let offset = Int64.random(in: 0..<log.endOffset, using: &random)
        let end = log.endOffset
        let limit = Bool.random(using: &random) ? end : .random(in: offset + 1...end, using: &random)
        let maxBytes = Int.random(in: 1...(2 * Self.segmentBytes), using: &random)
        let found = try log.read(from: offset, limit: limit, maxBytes: maxBytes, atLeastOne: true)

        let wanted = batches.filter { $0.header.lastOffset >= offset && $0.header.baseOffset < limit }
        var expected = ByteBuffer()
        var taken = 0
        while taken < wanted.count, expected.readableBytes < found.piece.count {
            expected.writeImmutableBuffer(wanted[taken].bytes)
            taken += 1
        }
        #expect(expected == found.bytes)
        #expect(taken == 0 || found.endOffset == wanted[taken - 1].header.lastOffset + 1)
        #expect(found.piece.count <= max(maxBytes, wanted.first?.bytes.readableBytes ?? 0))
        if taken < wanted.count {
            // It ended here because the next batch is too large or in the next segment.
            let next = wanted[taken]
            let begins = log.segments.contains { $0.baseOffset == next.header.baseOffset }
            #expect(begins || found.piece.count + next.bytes.readableBytes > maxBytes)
        }
        return found.piece.bytes == nil
    }

    @Test("A large answer arrives whole, though its topic is deleted while the client has not taken it")
    func deletedMeanwhile() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            let batch = TestBatch(values: [String(repeating: "x", count: 900_000)])
            for _ in 0..<20 { #expect(try await fixture.produce(batch, to: "t").error == .none) }
            let slow = try await TestClient(fixture.address)
            try await slow.channel.setOption(.autoRead, value: false).get()
            var fetch = FetchRequest(maxBytes: .max)
            fetch.topics = [.init(name: "t", partitions: [.init(fetchOffset: 0, maxBytes: .max)])]
            let answer = try await slow.begin(TestClient.frame(fetch, version: 11))
            // Served once this one is: the state has one thread.
            #expect(try await fixture.fetch("t", from: 0).error == .none)
            _ = try await fixture.client.send(DeleteTopicsRequest(topics: [.init(name: "t")]))
            #expect(try await fixture.fetch("t", from: 0).error == .unknownTopicOrPartition)
            try await slow.channel.setOption(.autoRead, value: true).get()
            var decoder = WireDecoder(try await answer.get(), version: 11, isFlexible: false)
            let response: FetchResponse = try decoder.message()
            var bytes = try #require(response.topics[0].partitions[0].batches?.bytes)
            for header in StoredBatches.headers(bytes) {
                let batch = bytes.readSlice(length: header.totalSize)
                #expect(batch.map(header.isIntact) == true)
            }
            #expect(bytes.readableBytes == 0)
            #expect(bytes.readerIndex > 10_000_000)
        }
    }
}
