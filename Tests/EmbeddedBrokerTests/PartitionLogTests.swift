// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("Partition log")
struct PartitionLogTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func open(segmentBytes: Int = 1 << 20) throws -> PartitionLog {
        try PartitionLog(directory: directory.path, limits: PartitionLog.Limits(segmentBytes: segmentBytes))
    }

    private func fill(_ log: PartitionLog, batches: Int, recordsPerBatch: Int = 3) throws {
        for number in 0..<batches {
            let batch = TestBatch(
                values: (0..<recordsPerBatch).map { "\(number)-\($0)" },
                timestamp: 1_000_000 + Int64(number) * 1000)
            _ = try log.append(batch.bytes, try batch.header())
        }
    }

    private func read(_ log: PartitionLog, from offset: Int64, maxBytes: Int = 1 << 20) throws -> [RecordBatchHeader] {
        StoredBatches.headers(
            try log.read(from: offset, limit: log.endOffset, maxBytes: maxBytes, atLeastOne: true).bytes)
    }

    private func lastFile() throws -> String {
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        return directory.path + "/" + (try #require(files.last { $0.hasSuffix(".log") }))
    }

    @Test("A read inside a batch returns the whole batch")
    func wholeBatches() throws {
        let log = try open()
        try fill(log, batches: 4)
        #expect(log.endOffset == 12)
        #expect(try read(log, from: 4).map(\.baseOffset) == [3, 6, 9])
        #expect(try read(log, from: 12).isEmpty)
    }

    @Test("A segment is made durable whole before the next one begins")
    func closing() throws {
        let log = try open(segmentBytes: 300)
        var closed: [String] = []
        log.closing = { file in
            let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
            #expect(file.path == directory.path + "/" + (try #require(files.last { $0.hasSuffix(".log") })))
            #expect(try file.size() == log.size - log.segments.dropLast().reduce(0) { $0 + $1.size })
            closed.append(file.path)
        }
        try fill(log, batches: 8)
        #expect(closed == log.segments.dropLast().map(\.file.path))
        #expect(closed.count > 1)
    }

    @Test("Stored batches still pass their checksum")
    func storedBatchesAreIntact() throws {
        let log = try open()
        try fill(log, batches: 3)
        let bytes = try log.read(from: 3, limit: 6, maxBytes: 1 << 20, atLeastOne: true).bytes
        let header = try RecordBatchCheck.check(bytes)
        #expect(header.baseOffset == 3)
    }

    @Test("A size limit ends between batches, and yields one batch at least if asked to")
    func sizeLimit() throws {
        let log = try open()
        try fill(log, batches: 5)
        let size = try #require(try read(log, from: 0).first).totalSize
        #expect(try read(log, from: 0, maxBytes: 2 * size + 5).count == 2)
        #expect(try read(log, from: 0, maxBytes: 1).count == 1)
        for none in [0, 1] {
            #expect(try log.read(from: 0, limit: 15, maxBytes: none, atLeastOne: false).piece.count == 0)
        }
    }

    @Test("Nothing at or after the limit is read")
    func offsetLimit() throws {
        let log = try open()
        try fill(log, batches: 5)
        let found = try log.read(from: 0, limit: 6, maxBytes: 1 << 20, atLeastOne: true)
        #expect(found.endOffset == 6)
    }

    @Test("Every offset is found over many segments, before and after reopening")
    func segments() throws {
        let log = try open(segmentBytes: 700)
        try fill(log, batches: 60)
        #expect(log.segments.count > 5)
        for offset in 0..<log.endOffset {
            #expect(try read(log, from: offset).first?.baseOffset == offset / 3 * 3)
        }
        let again = try open(segmentBytes: 700)
        #expect(again.endOffset == log.endOffset)
        for offset in 0..<log.endOffset {
            #expect(try read(again, from: offset).first?.baseOffset == offset / 3 * 3)
        }
    }

    @Test("A batch torn at any byte is cut off when the log is opened, and the log goes on from there")
    func tornTail() throws {
        try fill(try open(), batches: 3)
        let file = try lastFile()
        let whole = try Data(contentsOf: URL(filePath: file))
        let batchSize = whole.count / 3
        for cut in stride(from: 2 * batchSize, to: whole.count, by: 7) {
            try whole.prefix(cut).write(to: URL(filePath: file))
            let log = try open()
            #expect(log.endOffset == 6)
            try fill(log, batches: 1)
            #expect(try read(log, from: 6).map(\.baseOffset) == [6])
        }
    }

    @Test("A damaged batch ends the log")
    func damage() throws {
        try fill(try open(), batches: 3)
        let file = try lastFile()
        var bytes = try Data(contentsOf: URL(filePath: file))
        bytes[bytes.count - 2] ^= 0xFF
        try bytes.write(to: URL(filePath: file))
        #expect(try open().endOffset == 6)
    }

    @Test("Open and aborted transactions and duplicates are known again after reopening")
    func producersSurvive() throws {
        let log = try open()
        let batch = TestBatch(values: ["a"], producerID: 3, producerEpoch: 0, sequence: 0, isTransactional: true)
        _ = try log.append(batch.bytes, try batch.header())
        #expect(try open().producers.openProducers == [3])
        try log.appendMarker(.abort, producerID: 3, producerEpoch: 0, timestamp: 0)
        let again = try open()
        #expect(again.producers.openProducers.isEmpty)
        #expect(try again.aborted(overlapping: 0..<1).map(\.producerID) == [3])
        #expect(try again.producers.verdict(on: batch.header()) == .duplicate(baseOffset: 0))
    }

    @Test("The first record at or after a time is found, in the batch and the segment that hold it")
    func times() throws {
        let log = try open(segmentBytes: 700)
        try fill(log, batches: 60)
        #expect(try log.firstRecord(atOrAfter: 0, limit: 180)?.offset == 0)
        #expect(try log.firstRecord(atOrAfter: 1_030_001, limit: 180)?.offset == 91)
        #expect(try log.firstRecord(atOrAfter: 1_030_003, limit: 180)?.offset == 93)
        #expect(try log.firstRecord(atOrAfter: 1_030_001, limit: 91) == nil)
        #expect(try log.firstRecord(atOrAfter: 9_000_000, limit: 180) == nil)
        #expect(try log.latestRecord(limit: 180)?.offset == 179)
    }

    @Test("Deleted records are gone with the segments that held only them")
    func deletion() throws {
        let log = try open(segmentBytes: 700)
        try fill(log, batches: 60)
        let before = log.segments.count
        try log.deleteRecords(before: 100)
        #expect(log.logStartOffset == 100)
        #expect(log.segments.count < before)
        #expect(log.endOffset == 180)
        #expect(try read(log, from: 100).first?.baseOffset == 99)
    }
}
