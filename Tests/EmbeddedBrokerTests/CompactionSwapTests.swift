// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("The swap of compacted segments")
struct CompactionSwapTests {
    private func fill(_ directory: TemporaryDirectory) throws -> PartitionLog {
        let log = try PartitionLog(directory: directory.path, limits: PartitionLog.Limits(segmentBytes: 400))
        for number in 0..<30 {
            var batch = TestBatch([.init(key: "k\(number % 5)", value: "v\(number)")])
            batch.producerID = 1
            batch.producerEpoch = 0
            batch.sequence = Int32(number)
            try log.append(batch)
        }
        try log.writeCheckpoints()
        return log
    }

    private let rule = CompactionRule(segmentBytes: 4000)

    @Test("An end between any two steps leaves the log whole, and the next start finishes or forgets the swap")
    func interrupted() throws {
        let count = try steps(of: try TemporaryDirectory()).count
        #expect(count > 8)
        for done in 0...count {
            let directory = try TemporaryDirectory()
            for step in try steps(of: directory).prefix(done) { try SegmentSwap.perform(step) }
            // The swap counts when its second renaming is done.
            try check(directory, isCompacted: done >= 2)
            try check(directory, isCompacted: done >= 2)
        }
    }

    private func steps(of directory: TemporaryDirectory) throws -> [SegmentSwap.Step] {
        let log = try fill(directory)
        let job = try #require(try log.compaction(rule, limit: log.endOffset, keyLimit: 100))
        let outputs = try job.run()
        #expect(outputs.count == 1)
        return outputs[0].swap.steps
    }

    private func check(_ directory: TemporaryDirectory, isCompacted: Bool) throws {
        var reports: [String] = []
        let log = try PartitionLog(
            directory: directory.path, limits: PartitionLog.Limits(segmentBytes: 400), report: { reports.append($0) })
        #expect(reports.isEmpty)
        #expect(log.endOffset == 30)
        #expect(log.segments[0].summary.isCompacted == isCompacted)
        var latest: [String: String] = [:]
        for record in try log.committedRecords() { latest[record.key ?? ""] = record.value }
        #expect(latest == ["k0": "v25", "k1": "v26", "k2": "v27", "k3": "v28", "k4": "v29"])
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(names.allSatisfy { $0.hasSuffix(".log") || $0.hasSuffix(".index") })
        for base in names.compactMap({ Segment.baseOffset(fileName: $0, suffix: ".index") }) {
            #expect(log.segments.contains { $0.baseOffset == base })
        }
    }

    @Test("A job that is cancelled or fails leaves nothing behind")
    func cancelled() throws {
        let directory = try TemporaryDirectory()
        let log = try fill(directory)
        let before = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        let job = try #require(
            try log.compaction(rule, limit: log.endOffset, keyLimit: 100, isCancelled: { true }))
        #expect(throws: CompactionJob.Cancelled.self) { try job.run() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == before)
    }

    @Test("A result whose segments were removed meanwhile is not put in place")
    func overtaken() throws {
        let directory = try TemporaryDirectory()
        let log = try fill(directory)
        let job = try #require(try log.compaction(rule, limit: log.endOffset, keyLimit: 100))
        let outputs = try job.run()
        try log.deleteRecords(before: 10)
        #expect(try !log.replace(outputs[0].swap, with: outputs[0].summary))
        #expect(try log.committedRecords().first?.offset == 10)
    }
}
