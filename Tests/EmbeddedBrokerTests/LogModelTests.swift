// SPDX-License-Identifier: Apache-2.0

import NIOCore
import TestSupport
import Testing

@testable import EmbeddedBroker

/// A log and a model of it side by side: whatever happens, readers of committed records see the same.
@Suite("Partition log and its model")
struct LogModelTests {
    @Test("A log that is written, rolled, compacted, cut and reopened equals its model", arguments: 0..<24)
    func randomLife(seed: UInt64) throws {
        var rehearsal = try LogRehearsal(seed: seed, isCompacted: seed % 3 != 0)
        for step in 0..<250 {
            try rehearsal.step()
            if step % 10 == 9 { try rehearsal.check() }
        }
        try rehearsal.check()
    }
}

/// Does random things to a log and keeps what should come of them.
private struct LogRehearsal {
    private struct Producer {
        var id: Int64
        var epoch: Int16 = 0
        var sequence: Int32 = 0
        var isOpen = false
        var pending: [ReadRecord] = []
    }

    private let directory: TemporaryDirectory
    private var random: SeededGenerator
    private let isCompacted: Bool
    private var log: PartitionLog
    private var time: Int64 = 1_000_000
    private var committed: [ReadRecord] = []
    private var producers = (0..<4).map { Producer(id: Int64($0)) }
    /// Records before this may be compacted away if a later one has their key.
    private var compactedEnd: Int64 = 0
    private var endOffset: Int64 = 0
    private var rule = CompactionRule(deleteRetentionMilliseconds: 50_000, segmentBytes: 1500)

    init(seed: UInt64, isCompacted: Bool) throws {
        directory = try TemporaryDirectory()
        random = SeededGenerator(seed: seed)
        self.isCompacted = isCompacted
        log = try Self.open(directory)
    }

    private static func open(_ directory: TemporaryDirectory, now: Int64 = 0) throws -> PartitionLog {
        try PartitionLog(directory: directory.path, limits: PartitionLog.Limits(segmentBytes: 700), now: { now })
    }

    mutating func step() throws {
        time += 1000
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<60: try produce()
        case 60..<72: try end(.commit)
        case 72..<80: try end(.abort)
        case 80..<84: try log.roll()
        case 84..<88: try log.writeCheckpoints(bytes: 300)
        case 88..<93: if isCompacted { try compact() }
        case 93..<95: try cut()
        default: try reopen()
        }
    }

    private mutating func produce() throws {
        let number = Int.random(in: 0..<producers.count, using: &random)
        let isTransactional = number < 3
        let records = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            TestBatch.Record(
                key: "k\(Int.random(in: 0..<12, using: &random))",
                value: Int.random(in: 0..<5, using: &random) == 0 ? nil : "v\(endOffset)")
        }
        var batch = TestBatch(records)
        batch.producerID = producers[number].id
        batch.producerEpoch = producers[number].epoch
        batch.sequence = producers[number].sequence
        batch.isTransactional = isTransactional
        batch.timestamp = time
        #expect(try log.append(batch) == endOffset)
        let written = records.enumerated().map { index, record in
            ReadRecord(
                offset: endOffset + Int64(index), key: record.key, value: record.value, timestamp: time + Int64(index))
        }
        #expect(try log.producers.verdict(on: batch.header()) == .duplicate(baseOffset: endOffset))
        producers[number].sequence += Int32(records.count)
        endOffset += Int64(records.count)
        if isTransactional {
            producers[number].isOpen = true
            producers[number].pending += written
        } else {
            committed += written
        }
    }

    private mutating func end(_ outcome: TransactionOutcome) throws {
        guard let number = producers.indices.filter({ producers[$0].isOpen }).randomElement(using: &random) else {
            return
        }
        try log.appendMarker(
            outcome, producerID: producers[number].id, producerEpoch: producers[number].epoch, timestamp: time)
        endOffset += 1
        if outcome == .commit { committed += producers[number].pending }
        producers[number].pending = []
        producers[number].isOpen = false
    }

    /// Where committed records can be read up to.
    private var stableOffset: Int64 {
        producers.compactMap { $0.pending.first?.offset }.min() ?? endOffset
    }

    private mutating func compact() throws {
        let now = time
        log = try PartitionLog(
            directory: directory.path, startOffset: log.logStartOffset,
            limits: PartitionLog.Limits(segmentBytes: 700), now: { now })
        let keyLimit = [4, 1000].randomElement(using: &random) ?? 1000
        guard try log.compactNow(rule, keyLimit: keyLimit) else { return }
        compactedEnd = log.segments.dropLast().last { $0.summary.isCompacted }?.endOffset ?? compactedEnd
        // Among keys that are not dirty, nothing is left twice.
        let kept = try log.committedRecords().filter { $0.offset < compactedEnd && $0.key != nil }
        #expect(Set(kept.map(\.key)).count == kept.count)
    }

    private mutating func cut() throws {
        let start = Int64.random(in: log.logStartOffset...max(log.logStartOffset, stableOffset), using: &random)
        try log.deleteRecords(before: start)
        committed.removeAll { $0.offset < start }
    }

    /// As after a crash: nothing is said to the log before.
    private mutating func reopen() throws {
        let start = log.logStartOffset
        let ledger = log.producers.entries.mapValues { ($0.epoch, $0.batches.last, $0.openSince) }
        log = try PartitionLog(
            directory: directory.path, startOffset: start, limits: PartitionLog.Limits(segmentBytes: 700), now: { 0 })
        for (id, known) in ledger {
            let entry = log.producers.entries[id]
            #expect(entry?.epoch == known.0)
            #expect(entry?.batches.last == known.1)
            #expect(entry?.openSince == known.2)
        }
    }

    func check() throws {
        #expect(log.endOffset == endOffset)
        let expected = committed.filter { $0.offset < stableOffset && $0.offset >= log.logStartOffset }.sorted()
        let found = try log.committedRecords()
        guard isCompacted else {
            #expect(found == expected)
            return
        }
        // Everything read was written and not aborted; what is not read was superseded, or was a tombstone.
        let byOffset = Dictionary(uniqueKeysWithValues: expected.map { ($0.offset, $0) })
        for record in found { #expect(byOffset[record.offset] == record) }
        let offsets = Set(found.map(\.offset))
        var last: [String: Int64] = [:]
        for record in expected { last[record.key ?? ""] = record.offset }
        for record in expected where !offsets.contains(record.offset) {
            #expect(record.value == nil || last[record.key ?? ""] != record.offset, "offset \(record.offset) is lost")
        }
    }
}
