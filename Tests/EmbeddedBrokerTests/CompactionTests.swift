// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("Compaction")
struct CompactionTests {
    private final class Clock { var now: Int64 = 1_000_000 }

    private let directory: TemporaryDirectory
    private let clock = Clock()
    private let rule = CompactionRule(minimumDirtyRatio: 0, deleteRetentionMilliseconds: 100, segmentBytes: 1 << 20)

    init() throws { directory = try TemporaryDirectory() }

    private func open() throws -> PartitionLog {
        try PartitionLog(directory: directory.path, now: { [clock] in clock.now })
    }

    private func put(_ log: PartitionLog, _ key: String, _ value: String?) throws {
        try log.append(TestBatch([.init(key: key, value: value)]))
    }

    private func values(_ log: PartitionLog) throws -> [String] {
        try log.committedRecords().map { "\($0.key ?? "-")=\($0.value ?? "-")@\($0.offset)" }
    }

    @Test("The last record of each key stays, under its offset and with its time")
    func latest() throws {
        let log = try open()
        for number in 0..<10 { try put(log, "k\(number % 3)", "v\(number)") }
        try log.roll()
        try put(log, "k0", "active")
        #expect(try log.compactNow(rule))
        #expect(try values(log) == ["k1=v7@7", "k2=v8@8", "k0=v9@9", "k0=active@10"])
        #expect(try log.read(from: 0, limit: 11, maxBytes: 1 << 20, atLeastOne: true).endOffset == 11)
        #expect(try !log.compactNow(rule))
        #expect(try values(try open()) == ["k1=v7@7", "k2=v8@8", "k0=v9@9", "k0=active@10"])
    }

    @Test("A tombstone takes its key's records at once, and goes itself when its time has come")
    func tombstones() throws {
        let log = try open()
        try put(log, "a", "1")
        try put(log, "b", "1")
        try put(log, "a", nil)
        try log.roll()
        #expect(try log.compactNow(rule))
        #expect(try values(log) == ["b=1@1", "a=-@2"])
        let timestamps = try log.committedRecords().map(\.timestamp)
        #expect(timestamps == [1_700_000_000_000, 1_700_000_000_000])
        #expect(try !log.compactNow(rule))
        clock.now += 99
        #expect(try !log.compactNow(rule))
        clock.now += 1
        #expect(try log.compactNow(rule))
        #expect(try values(log) == ["b=1@1"])
        #expect(try !log.compactNow(rule))
    }

    @Test("Aborted records go and hide none; their marker goes later, with its entry in the list of aborts")
    func aborted() throws {
        let log = try open()
        try put(log, "a", "good")
        var batch = TestBatch([.init(key: "a", value: "bad")])
        (batch.producerID, batch.producerEpoch, batch.sequence, batch.isTransactional) = (7, 0, 0, true)
        try log.append(batch)
        try log.appendMarker(.abort, producerID: 7, producerEpoch: 0, timestamp: 5)
        batch.sequence = 1
        batch.records = [.init(key: "b", value: "good")]
        try log.append(batch)
        try log.appendMarker(.commit, producerID: 7, producerEpoch: 0, timestamp: 5)
        try log.roll()
        #expect(try log.compactNow(rule))
        #expect(try values(log) == ["a=good@0", "b=good@3"])
        #expect(try log.allBatches().map(\.0.baseOffset) == [0, 2, 3, 4])
        #expect(try log.aborted(overlapping: 0..<5).map(\.lastOffset) == [2])
        // The second time the marker's transaction has nothing left: from then on its time runs.
        try put(log, "c", "1")
        try log.roll()
        #expect(try log.compactNow(rule))
        #expect(try log.aborted(overlapping: 0..<6).isEmpty)
        #expect(try log.allBatches().map(\.0.baseOffset) == [0, 2, 3, 4, 5])
        clock.now += 100
        #expect(try log.compactNow(rule))
        #expect(try log.allBatches().map(\.0.baseOffset) == [0, 3, 4, 5])
        #expect(try values(log) == ["a=good@0", "b=good@3", "c=1@5"])
    }

    @Test("An open transaction is not compacted, nor what follows it")
    func openTransaction() throws {
        let log = try open()
        try put(log, "a", "1")
        try put(log, "a", "2")
        try log.roll()
        var batch = TestBatch([.init(key: "a", value: "3")])
        (batch.producerID, batch.producerEpoch, batch.sequence, batch.isTransactional) = (7, 0, 0, true)
        try log.append(batch)
        try put(log, "a", "4")
        try log.roll()
        #expect(try log.compactNow(rule))
        #expect(try log.allBatches().map(\.0.baseOffset) == [1, 2, 3])
    }

    @Test("A producer's last batch stays, emptied, so that a copy of it is recognised even by a log read anew")
    func lastBatch() throws {
        let log = try open()
        var batch = TestBatch([.init(key: "a", value: "1"), .init(key: "a", value: "2")])
        (batch.producerID, batch.producerEpoch, batch.sequence) = (7, 0, 0)
        try log.append(batch)
        try put(log, "a", "3")
        try log.roll()
        #expect(try log.compactNow(rule))
        #expect(try log.allBatches().map(\.0.recordCount) == [0, 1])
        try Directory.remove(CheckpointFile.path(directory: directory.path, baseOffset: 0))
        let again = try open()
        #expect(try again.producers.verdict(on: batch.header()) == .duplicate(baseOffset: 0))
        batch.sequence = 2
        #expect(try again.producers.verdict(on: batch.header()) == .accept)
    }

    @Test("More keys than fit into memory are compacted part by part")
    func manyKeys() throws {
        let log = try open()
        for round in 0..<2 { for key in 0..<50 { try put(log, "k\(key)", "\(round)") } }
        try log.roll()
        var passes = 0
        while try log.compactNow(rule, keyLimit: 20) { passes += 1 }
        #expect(passes > 2)
        #expect(try log.committedRecords().count < 100)
        #expect(Set(try log.committedRecords().filter { $0.value == "1" }.map(\.key)).count == 50)
    }

    @Test("A batch compressed by zstd supersedes what came before it, and is superseded record by record")
    func zstd() throws {
        let log = try open()
        try put(log, "a", "1")
        var batch = TestBatch([.init(key: "a", value: "2"), .init(key: "b", value: "3")])
        batch.compression = (4, Zstd.compress)
        try log.append(batch)
        try put(log, "b", "4")
        try log.roll()
        #expect(try log.compactNow(rule))
        #expect(try log.committedRecords().map(\.value) == ["2", "4"])
    }

    @Test("A batch in an unknown codec stays as it is, and what it may supersede too")
    func unknownCodec() throws {
        let log = try open()
        try put(log, "a", "1")
        try put(log, "a", "2")
        var batch = TestBatch([.init(key: "a", value: "3")])
        batch.compression = (5, { $0 })
        try log.append(batch)
        try log.roll()
        #expect(try log.compactNow(rule))
        #expect(try log.allBatches().map(\.0.baseOffset) == [1, 2])
    }
}
