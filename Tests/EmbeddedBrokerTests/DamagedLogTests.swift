// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import TestSupport
import Testing

@testable import EmbeddedBroker

/// Whatever happens to one batch on the device, all others stay what they were, and the damage is named.
@Suite("Damaged log")
struct DamagedLogTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private final class Notes {
        var repairs: [String] = []
        var damage: [DamagedRange] = []
    }

    private func open(_ notes: Notes = Notes(), segmentBytes: Int = 500) throws -> PartitionLog {
        try PartitionLog(
            directory: directory.path, limits: PartitionLog.Limits(segmentBytes: segmentBytes),
            now: { 1_700_000_000_000 },
            report: { notes.repairs.append($0) }, onDamage: { notes.damage.append($0) })
    }

    /// Where a batch lies, and what it is.
    private struct Place {
        var path: String
        var bytes: Range<Int>
        var offsets: ClosedRange<Int64>
        var content: ByteBuffer
    }

    /// Data of two producers, one of them transactional, with markers of both kinds.
    private func fill(_ log: PartitionLog) throws {
        var sequences: [Int64: Int32] = [:]
        for number in 0..<9 {
            let producer = Int64(number % 3)
            var batch = TestBatch(
                values: (0...number % 3).map { "value \(number) \($0)" }, producerID: producer, producerEpoch: 0,
                sequence: sequences[producer, default: 0], isTransactional: producer == 1)
            batch.timestamp += Int64(number)
            sequences[producer, default: 0] += Int32(batch.records.count)
            try log.append(batch)
            guard producer == 1 else { continue }
            try log.appendMarker(
                number == 4 ? .abort : .commit, producerID: 1, producerEpoch: 0, timestamp: 1_700_000_000_000)
        }
    }

    private func places() throws -> [Place] {
        let log = try open()
        return try log.segments.flatMap { segment in
            var places: [Place] = []
            let bytes = try segment.file.read(at: 0, count: segment.size)
            var position = 0
            while let header = RecordBatchHeader(bytes, at: position) {
                let range = position..<(position + header.totalSize)
                places.append(
                    Place(
                        path: segment.file.path, bytes: range, offsets: header.baseOffset...header.lastOffset,
                        content: try #require(bytes.getSlice(at: position, length: header.totalSize))))
                position = range.upperBound
            }
            return places
        }
    }

    private func removeIndexes() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path)
        where name.hasSuffix(".index") || name.hasSuffix(".damaged") || name.hasSuffix(".set-aside") {
            try FileManager.default.removeItem(atPath: "\(directory.path)/\(name)")
        }
    }

    private func names(_ suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(suffix) }
    }

    private func flip(_ path: String, at position: Int, by mask: UInt8) throws {
        let file = try LogFile(path: path)
        let byte = try #require(try file.read(at: position, count: 1).getInteger(at: 0, as: UInt8.self))
        try file.write(ByteBuffer(integer: byte ^ mask), at: position)
    }

    /// All batches but one are read, each when it is asked for by any of its offsets, and together.
    private func checkOthers(_ places: [Place], but damaged: Int, in log: PartitionLog, _ comment: Comment) throws {
        for (number, place) in places.enumerated() where number != damaged {
            for offset in place.offsets {
                let read = try log.read(from: offset, limit: log.endOffset, maxBytes: 1, atLeastOne: true)
                #expect(read.bytes == place.content, comment)
                let more = try log.read(from: offset, limit: log.endOffset, maxBytes: 1 << 20, atLeastOne: true)
                #expect(more.bytes.readableBytes >= place.bytes.count, comment)
                let held = places.firstIndex { $0.offsets.contains(more.endOffset - 1) } ?? 0
                #expect(held != damaged && (held < damaged || number > damaged), comment)
            }
        }
    }

    @Test(
        "No byte that is damaged takes more than its own batch, with checkpoints or without", arguments: [true, false])
    func everyByte(hasCheckpoints: Bool) throws {
        try fill(open())
        if !hasCheckpoints { try removeIndexes() } else { try open().writeCheckpoints() }
        let places = try places()
        let last = places.count - 1
        let (endOffset, ledger) = (try open().endOffset, try open().producers)
        #expect(places.count == 12)
        for (number, place) in places.enumerated() {
            // The head's first fields are told from one another; of the rest a sample does.
            let (first, end) = (place.bytes.lowerBound, place.bytes.upperBound)
            for position in Array(first..<(first + 24)) + Array(stride(from: first + 24, to: end, by: 9)) {
                let comment: Comment = "batch \(number), byte \(position - place.bytes.lowerBound)"
                if !hasCheckpoints { try removeIndexes() }
                let mask: UInt8 = [0x01, 0x80, 0xFF, 0x02][position % 4]
                let whole = try Data(contentsOf: URL(filePath: place.path))
                try flip(place.path, at: position, by: mask)
                let notes = Notes()
                let log = try open(notes)
                try checkOthers(places, but: number, in: log, comment)
                if number < last || log.endOffset == endOffset {
                    #expect(log.endOffset == endOffset, comment)
                    for offset in place.offsets {
                        #expect(throws: DamagedOffset.self, comment) {
                            try log.read(from: offset, limit: endOffset, maxBytes: 1000, atLeastOne: true)
                        }
                    }
                    #expect(
                        notes.damage.map(\.offsets) == [place.offsets.lowerBound..<place.offsets.upperBound + 1],
                        comment)
                    #expect(notes.damage.map(\.bytes) == [place.bytes], comment)
                    #expect(notes.damage.map(\.path) == [place.path], comment)
                    #expect(try names(".set-aside").isEmpty, comment)
                    #expect(try names(".damaged").count == 1, comment)
                } else {
                    // What is not followed by anything cannot be told from what was torn.
                    #expect(log.endOffset == place.offsets.lowerBound, comment)
                    #expect(try names(".set-aside").count == 1, comment)
                }
                if hasCheckpoints { #expect(log.producers.openProducers == ledger.openProducers, comment) }
                try whole.write(to: URL(filePath: place.path))
                if number == last { try removeIndexes() }
                if hasCheckpoints { try open().writeCheckpoints() }
            }
        }
    }

    @Test("A damaged marker ends its transaction all the same, and as it did")
    func damagedMarker() throws {
        try fill(open())
        let sound = try open()
        let aborted = try sound.aborted(overlapping: 0..<sound.endOffset)
        let markers = try places().filter {
            RecordBatchHeader($0.content, at: $0.content.readerIndex)?.isControl == true
        }
        #expect(markers.count == 3)
        #expect(aborted.count == 1)
        for marker in markers {
            // Its producer, its kind, its value.
            for byte in [62, 68, 70, 75] {
                try removeIndexes()
                try flip(marker.path, at: marker.bytes.lowerBound + byte, by: 0x01)
                let log = try open()
                #expect(log.producers.openProducers.isEmpty)
                #expect(try log.aborted(overlapping: 0..<log.endOffset) == aborted)
                try flip(marker.path, at: marker.bytes.lowerBound + byte, by: 0x01)
            }
        }
    }

    @Test("Zeros, noise and parts of batches behind the last whole batch are cut off, and kept unless they are zeros")
    func tails() throws {
        var random = SeededGenerator(seed: 7)
        try fill(open())
        let last = try #require(try places().last)
        let end = try open().endOffset
        let noise = Data((0..<3000).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        let torn = Data(last.content.readableBytesView)
        for (number, tail) in [Data(count: 5000), noise, torn.dropLast(1), torn.prefix(70), torn.prefix(20)]
            .enumerated()
        {
            try removeIndexes()
            let whole = try Data(contentsOf: URL(filePath: last.path))
            try (whole + tail).write(to: URL(filePath: last.path))
            let notes = Notes()
            let log = try open(notes)
            #expect(log.endOffset == end)
            #expect(notes.damage.isEmpty)
            #expect(notes.repairs.count == 1)
            #expect(try Data(contentsOf: URL(filePath: last.path)) == whole)
            let kept = try names(".set-aside")
            #expect(kept.count == (number == 0 ? 0 : 1))
            guard let name = kept.first else { continue }
            #expect(try Data(contentsOf: URL(filePath: "\(directory.path)/\(name)")) == tail)
        }
    }

    @Test("A hole of many batches is passed over")
    func hole() throws {
        let log = try open(segmentBytes: 1 << 20)
        for number in 0..<100 { try log.append(TestBatch(values: ["value \(number)"])) }
        let places = try places()
        let (first, last) = (places[20], places[59])
        let hole = (first.bytes.lowerBound + 10)..<(last.bytes.upperBound - 10)
        try LogFile(path: first.path).write(ByteBuffer(repeating: 0, count: hole.count), at: hole.lowerBound)
        try removeIndexes()
        let notes = Notes()
        let again = try open(notes, segmentBytes: 1 << 20)
        #expect(notes.damage.map(\.offsets) == [20..<60])
        #expect(again.endOffset == 100)
        #expect(try again.read(from: 60, limit: 100, maxBytes: 1, atLeastOne: true).bytes == places[60].content)
        try again.append(TestBatch(values: ["more"]))
        #expect(try again.allBatches(from: 60).count == 41)
    }

    @Test("No more than so many files are kept of what was cut")
    func bounded() throws {
        try fill(open())
        let path = try #require(try places().last).path
        for second in 0..<(SetAside.fileLimit + 5) {
            let file = try LogFile(path: path)
            try file.write(ByteBuffer(string: "torn \(second)"), at: try file.size())
            _ = try PartitionLog(directory: directory.path, now: { 1_700_000_000_000 + Int64(second) * 1000 })
        }
        #expect(try names(".set-aside").count == SetAside.fileLimit)
    }

    @Test("A log that is damaged is not compacted, and neither is one whose damage the compaction meets")
    func compaction() throws {
        let rule = CompactionRule(minimumDirtyRatio: 0, segmentBytes: 1 << 20)
        try fill(open())
        try open().writeCheckpoints()
        let victim = try places()[1]
        try flip(victim.path, at: victim.bytes.upperBound - 3, by: 1)
        let notes = Notes()
        let log = try open(notes)
        let job = try #require(try log.compaction(rule, limit: log.endOffset, keyLimit: 100))
        let failure = #expect(throws: UnsoundSegment.self) { _ = try job.run() }
        try log.examine(try #require(failure))
        #expect(notes.damage.map(\.bytes) == [victim.bytes])
        #expect(try log.compaction(rule, limit: log.endOffset, keyLimit: 100) == nil)
        let again = Notes()
        _ = try open(again)
        #expect(again.damage == notes.damage, "the next start says it too")
    }
}
