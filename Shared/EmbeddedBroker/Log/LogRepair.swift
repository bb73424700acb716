// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore

/// Sets damaged bytes of a log aside, for an operator who has decided that what was in them is lost. The broker must
/// not run meanwhile.
///
/// The bytes are kept in a file beside the log. In their place comes a batch without records, as compaction leaves
/// them: it takes their offsets, so that no other record ever does, and readers pass over them.
public enum LogRepair {
    /// What was done.
    public struct Outcome: Sendable, Equatable {
        /// The offsets that are given up.
        public let offsets: Range<Int64>
        /// The file that has the bytes now; nil when all of them were zero.
        public let kept: String?
    }

    /// Why nothing was done.
    public enum Refusal: Error, Equatable, CustomStringConvertible {
        /// There is no such partition.
        case unknownPartition(directory: String)
        /// No damaged bytes are known that may have held the offset; those that are known.
        case notDamaged([String])
        /// The offsets that the bytes may have held are too many for one batch, or none.
        case unknownOffsets(String)

        /// What is wrong and what to do.
        public var description: String {
            switch self {
            case .unknownPartition(let directory): "there is no partition in \(directory)"
            case .notDamaged([]): "nothing of the partition is damaged"
            case .notDamaged(let known):
                "no damaged batch begins at that offset; damaged are: \(known.joined(separator: "; "))"
            case .unknownOffsets(let range):
                "it cannot be told which offsets were in \(range): restore the log from a backup"
            }
        }
    }

    /// What a broker noted about batches that cannot be read.
    public struct Known: Sendable, Equatable {
        /// As its directory is called, `topic-number`.
        public let partition: String
        /// Offsets, bytes and file, one after the other.
        public let description: String
    }

    /// Reads the notes beside damaged segments, whether or not the broker runs.
    public static func known(in dataDirectory: String) -> [Known] {
        let topics = "\(dataDirectory)/topics"
        func names(_ path: String) -> [String] { (try? Directory.entries(path)) ?? [] }
        return names(topics).flatMap { partition in
            names("\(topics)/\(partition)").filter { $0.hasSuffix(DamageNote.fileSuffix) }.compactMap { name in
                let text = try? String(contentsOfFile: "\(topics)/\(partition)/\(name)", encoding: .utf8)
                guard let text else { return nil }
                let lines = text.split(separator: "\n").joined(separator: "; ")
                return Known(partition: partition, description: lines)
            }
        }
    }

    /// Sets aside what is damaged at an offset of a partition.
    /// - Parameter partition: As its directory is called, `topic-number`.
    public static func setAside(
        offset: Int64, of partition: String, in dataDirectory: String
    ) throws -> Outcome {
        let lock = try openLock(dataDirectory)
        defer { lock.release() }
        let directory = "\(dataDirectory)/topics/\(partition)"
        guard FileManager.default.fileExists(atPath: directory) else {
            throw Refusal.unknownPartition(directory: directory)
        }
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let log = try PartitionLog(directory: directory, now: { now })
        try log.examineAll()
        guard let range = log.damage.first(where: { $0.offsets.contains(offset) }),
            let number = log.segments.firstIndex(where: { $0.file.path == range.path })
        else { throw Refusal.notDamaged(log.damage.map(\.description)) }
        guard let filler = filler(for: range.offsets) else { throw Refusal.unknownOffsets("\(range)") }
        let segment = log.segments[number]
        let kept = try SetAside(directory: directory).keep(range.bytes, of: segment.file, now: now)
        try replace(range, in: segment, with: filler, try log.knowledge(of: number), now: now)
        return Outcome(offsets: range.offsets, kept: kept)
    }

    private static func openLock(_ dataDirectory: String) throws -> DirectoryLock {
        guard FileManager.default.fileExists(atPath: dataDirectory) else {
            throw Refusal.unknownPartition(directory: dataDirectory)
        }
        return try DirectoryLock(dataDirectory)
    }

    /// A batch without records that takes these offsets.
    private static func filler(for offsets: Range<Int64>) -> ByteBuffer? {
        guard !offsets.isEmpty, let delta = Int32(exactly: offsets.count - 1) else { return nil }
        let header = RecordBatchHeader(
            baseOffset: offsets.lowerBound, totalSize: RecordBatchHeader.size, magic: 2, checksum: 0, attributes: 0,
            lastOffsetDelta: delta, baseTimestamp: -1, maxTimestamp: -1, producerID: -1, producerEpoch: -1,
            baseSequence: -1, recordCount: 0)
        return RecordBatchWriter.batch(like: header, [], deleteHorizon: nil)
    }

    private static func replace(
        _ range: DamagedRange, in segment: Segment, with filler: ByteBuffer, _ known: PartitionLog.Knowledge,
        now: Int64
    ) throws {
        let swap = SegmentSwap(
            directory: segment.directory, range: segment.baseOffset..<segment.endOffset,
            replaced: [segment.baseOffset])
        try copy(segment, without: range.bytes, filler: filler, to: swap.logPath)
        guard let file = try LogFile(reading: swap.logPath) else { throw StorageError("open", swap.logPath, errno: 0) }
        // Other damage of the segment stays where it is.
        var scan = SegmentScan(baseOffset: segment.baseOffset, ledger: ProducerLedger())
        try scan.run(file, endOffset: segment.endOffset, now: now)
        var summary = scan.summary
        summary.compactedEnd = segment.summary.compactedEnd
        summary.stableOffset = known.stableOffset
        let checkpoint = SegmentCheckpoint(
            summary: summary, index: scan.index, aborted: known.aborted, ledger: known.ledger)
        try CheckpointFile.write(checkpoint, to: swap.indexPath)
        for step in swap.steps { try SegmentSwap.perform(step) }
        try SegmentSwap.removeRetired(in: segment.directory)
    }

    private static func copy(
        _ segment: Segment, without gap: Range<Int>, filler: ByteBuffer, to path: String
    ) throws(StorageError) {
        let chunkBytes = 1 << 20
        let file = try LogFile(path: path)
        try file.truncate(to: 0)
        var written = 0
        func append(_ bytes: ByteBuffer) throws(StorageError) {
            try file.write(bytes, at: written)
            written += bytes.readableBytes
        }
        func append(_ part: Range<Int>) throws(StorageError) {
            var position = part.lowerBound
            while position < part.upperBound {
                let bytes = try segment.file.read(at: position, count: min(chunkBytes, part.upperBound - position))
                guard bytes.readableBytes > 0 else { throw StorageError("read", segment.file.path, errno: 0) }
                try append(bytes)
                position += bytes.readableBytes
            }
        }
        try append(0..<gap.lowerBound)
        try append(filler)
        try append(gap.upperBound..<segment.size)
        try file.sync()
    }
}

extension PartitionLog {
    /// Reads everything, for what of it is damaged.
    fileprivate func examineAll() throws {
        for segment in segments { try examine(UnsoundSegment(path: segment.file.path)) }
    }

    /// What is known of transactions and producers at a segment's end.
    fileprivate struct Knowledge {
        var aborted: [ProducerLedger.AbortedTransaction]
        var stableOffset: Int64
        var ledger: ByteBuffer
    }

    fileprivate func knowledge(of number: Int) throws -> Knowledge {
        let segment = segments[number]
        guard number < segments.count - 1 else {
            let own = SegmentCheckpoint(summary: segment.summary, index: SparseIndex(), ledger: producers)
            return Knowledge(aborted: own.aborted, stableOffset: own.summary.stableOffset, ledger: own.ledger)
        }
        return try lookUp(number) { segment in
            let checkpoint = try segment.checkpoint()
            return Knowledge(
                aborted: try checkpoint.aborted(), stableOffset: checkpoint.head.summary.stableOffset,
                ledger: try checkpoint.ledgerBytes())
        }
    }
}
