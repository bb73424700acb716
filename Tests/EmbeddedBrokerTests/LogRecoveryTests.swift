// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import Testing

@testable import EmbeddedBroker

/// Checkpoints make starts short; none of them is believed when it does not fit the log.
@Suite("Log recovery")
struct LogRecoveryTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private final class Reports { var all: [String] = [] }

    private func open(_ reports: Reports? = nil) throws -> PartitionLog {
        try PartitionLog(
            directory: directory.path, limits: PartitionLog.Limits(segmentBytes: 700),
            report: { reports?.all.append($0) })
    }

    /// Several segments, with an aborted transaction in the first ones and an open one at the end.
    private func fill() throws -> PartitionLog {
        let log = try open()
        func append(_ producer: Int64, _ sequence: Int32) throws {
            try log.append(
                TestBatch(
                    values: ["a", "b"], producerID: producer, producerEpoch: 0, sequence: sequence,
                    isTransactional: producer < 2, timestamp: 1000 + log.endOffset))
        }
        try append(0, 0)
        for number in 0..<20 { try append(5, Int32(number * 2)) }
        try log.appendMarker(.abort, producerID: 0, producerEpoch: 0, timestamp: 2000)
        for number in 20..<30 { try append(5, Int32(number * 2)) }
        try append(1, 0)
        #expect(log.segments.count > 3)
        return log
    }

    private func checkSound(_ log: PartitionLog, sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(log.endOffset == 65, sourceLocation: sourceLocation)
        #expect(log.producers.openProducers == [1], sourceLocation: sourceLocation)
        #expect(
            try log.aborted(overlapping: 0..<65)
                == [ProducerLedger.AbortedTransaction(producerID: 0, firstOffset: 0, lastOffset: 42)],
            sourceLocation: sourceLocation)
        #expect(try log.aborted(overlapping: 43..<65).isEmpty, sourceLocation: sourceLocation)
        #expect(log.producers.entries[5]?.batches.map(\.firstSequence) == [50, 52, 54, 56, 58])
        for offset in Int64(0)..<65 {
            let read = try log.read(from: offset, limit: 65, maxBytes: 1, atLeastOne: true)
            let header = try #require(RecordBatchHeader(read.bytes, at: 0), sourceLocation: sourceLocation)
            #expect((header.baseOffset...header.lastOffset).contains(offset), sourceLocation: sourceLocation)
        }
        for time in stride(from: Int64(1000), to: 1060, by: 7) {
            let found = try #require(try log.firstRecord(atOrAfter: time, limit: 65), sourceLocation: sourceLocation)
            #expect(found.timestamp >= time && found.timestamp <= time + 2, sourceLocation: sourceLocation)
        }
    }

    private var indexFiles: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".index") }
                .sorted().map { directory.path + "/" + $0 }
        }
    }

    @Test("Closed segments are looked up on disk as in memory")
    func sealed() throws {
        let log = try fill()
        try checkSound(log)
        try log.writeCheckpoints()
        #expect(!log.segments.dropLast().contains { !$0.isSealed })
        try checkSound(log)
        try checkSound(try open())
    }

    @Test("A directory without checkpoints is read once, and has them then")
    func firstStart() throws {
        _ = try fill()
        #expect(try indexFiles.isEmpty)
        try checkSound(try open())
        #expect(try !indexFiles.isEmpty)
        let reports = Reports()
        let again = try open(reports)
        #expect(!again.segments.dropLast().contains { !$0.isSealed })
        try checkSound(again)
        #expect(reports.all.isEmpty)
    }

    @Test("What a checkpoint covers is not read again at a start")
    func onlyTheTail() throws {
        let log = try fill()
        try log.writeCheckpoints()
        // A batch damaged where the checkpoints reach is not noticed: nobody looked.
        for segment in log.segments {
            let file = try LogFile(path: segment.file.path)
            try file.write(ByteBuffer(bytes: [0xFF, 0xFF]), at: RecordBatchHeader.size + 3)
        }
        let reports = Reports()
        #expect(try open(reports).endOffset == 65)
        #expect(reports.all.isEmpty)
    }

    @Test("After a crash the part behind the last checkpoint is read and checked")
    func tail() throws {
        let log = try fill()
        try log.writeCheckpoints()
        try log.append(TestBatch(values: ["x"]))
        try log.append(TestBatch(values: ["y"]))
        #expect(try open().endOffset == 67)
        let last = try #require(log.segments.last)
        try LogFile(path: last.file.path).truncate(to: last.size - 3)
        let reports = Reports()
        #expect(try open(reports).endOffset == 66)
        #expect(reports.all.count == 1)
    }

    @Test(
        "A checkpoint that is missing, cut or damaged anywhere is made anew", arguments: ["missing", "cut", "damaged"])
    func damagedCheckpoints(how: String) throws {
        try fill().writeCheckpoints()
        for file in try indexFiles {
            let whole = try Data(contentsOf: URL(filePath: file))
            for place in stride(from: 0, to: whole.count, by: how == "missing" ? whole.count : 13) {
                switch how {
                case "missing": try FileManager.default.removeItem(atPath: file)
                case "cut": try whole.prefix(place).write(to: URL(filePath: file))
                default:
                    var bytes = whole
                    bytes[place] ^= 0x41
                    try bytes.write(to: URL(filePath: file))
                }
                try checkSound(try open())
            }
        }
        let reports = Reports()
        try checkSound(try open(reports))
        #expect(reports.all.isEmpty)
    }

    @Test("A checkpoint of another segment of the same name is not believed")
    func stale() throws {
        try fill().writeCheckpoints()
        let files = try indexFiles
        let kept = try files.map { try Data(contentsOf: URL(filePath: $0)) }
        try FileManager.default.removeItem(atPath: directory.path)
        let log = try open()
        for number in 0..<100 { try log.append(TestBatch(values: ["other \(number)"])) }
        for (file, bytes) in zip(files, kept) { try bytes.write(to: URL(filePath: file)) }
        let again = try open()
        #expect(again.endOffset == 100)
        #expect(again.producers.entries.isEmpty)
        for offset in Int64(0)..<100 {
            let read = try again.read(from: offset, limit: 100, maxBytes: 1, atLeastOne: true)
            #expect(RecordBatchHeader(read.bytes, at: 0)?.baseOffset == offset)
        }
    }

    @Test("A checkpoint that could not be written is written the next time")
    func postponed() throws {
        let log = try fill()
        let jobs = log.takeCheckpoints(bytes: 1)
        for job in jobs.reversed() { try log.checkpointEnded(job, wasWritten: false) }
        #expect(log.segments.allSatisfy { !$0.isSealed })
        try checkSound(log)
        try log.writeCheckpoints()
        #expect(!log.segments.dropLast().contains { !$0.isSealed })
        try checkSound(try open())
    }

    @Test("A log that lost records before its start begins there")
    func lostBeforeStart() throws {
        _ = try fill()
        let log = try PartitionLog(directory: directory.path, startOffset: 100)
        #expect(log.logStartOffset == 100)
        #expect(log.endOffset == 100)
        #expect(log.segments.count == 1)
    }
}
