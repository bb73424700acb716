// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// A segment's checkpoint on disk, read in parts.
struct CheckpointFile {
    /// The checkpoint cannot be used and must be made anew from the log.
    struct Unusable: Error {}

    let head: SegmentCheckpoint.Head
    private let file: LogFile

    static func path(directory: String, baseOffset: Int64) -> String {
        "\(directory)/\(Segment.stem(baseOffset))\(SegmentCheckpoint.fileSuffix)"
    }

    /// Puts a checkpoint in place, whole or not at all.
    ///
    /// It is not synced: one that a loss of power damages is made anew.
    static func write(_ checkpoint: SegmentCheckpoint, to path: String) throws(StorageError) {
        let newPath = path + Directory.unfinished
        let file = try LogFile(path: newPath)
        try file.truncate(to: 0)
        try file.write(checkpoint.encoded, at: 0)
        try Directory.rename(newPath, to: path)
    }

    /// Opens the checkpoint of a segment file; nil when there is none that fits.
    init?(segment: LogFile, directory: String, baseOffset: Int64) throws(StorageError) {
        guard let file = try LogFile(reading: Self.path(directory: directory, baseOffset: baseOffset)),
            let head = SegmentCheckpoint.Head(try file.read(at: 0, count: SegmentCheckpoint.Head.size)),
            head.summary.baseOffset == baseOffset, head.fileSize == (try file.size()),
            try Self.fits(head.summary, segment)
        else { return nil }
        self.head = head
        self.file = file
    }

    /// Whether the last batch described is where it should be.
    private static func fits(_ summary: SegmentSummary, _ segment: LogFile) throws(StorageError) -> Bool {
        guard try segment.size() >= summary.size else { return false }
        guard let mark = summary.lastBatch else { return summary.size == 0 }
        guard mark.position >= 0, mark.position < summary.size else { return false }
        let bytes = try segment.read(at: mark.position, count: RecordBatchHeader.size)
        guard let header = RecordBatchHeader(bytes, at: 0) else { return false }
        // Behind the last batch of a closed segment there may be damage.
        return header.checksum == mark.checksum && mark.position + header.totalSize <= summary.size
            && header.baseOffset >= summary.baseOffset && header.lastOffset < summary.endOffset
    }

    func index() throws -> SparseIndex {
        SparseIndex(
            try items(at: head.indexStart, count: head.indexCount).map {
                SparseIndex.Entry(baseOffset: $0, position: Int($1), earlierMaxTimestamp: $2)
            })
    }

    func aborted() throws -> [ProducerLedger.AbortedTransaction] {
        try items(at: head.abortedStart, count: head.abortedCount).map {
            ProducerLedger.AbortedTransaction(producerID: $0, firstOffset: $1, lastOffset: $2)
        }
    }

    func ledgerBytes() throws -> ByteBuffer {
        let bytes = try file.read(at: head.ledgerStart, count: head.ledgerLength)
        guard bytes.withUnsafeReadableBytes(CRC32C.checksum) == head.ledgerChecksum else { throw Unusable() }
        return bytes
    }

    func ledger() throws -> ProducerLedger {
        guard let ledger = ProducerLedger(try ledgerBytes()) else { throw Unusable() }
        return ledger
    }

    /// The last entry for which `isAfter` is false, found without reading the whole index.
    func entry(before isAfter: (SparseIndex.Entry) -> Bool) throws -> SparseIndex.Entry? {
        let after = try (0..<head.indexCount).partitioningIndex { isAfter(try entry($0)) }
        return after == 0 ? nil : try entry(after - 1)
    }

    private func entry(_ number: Int) throws -> SparseIndex.Entry {
        let item = try items(at: head.indexStart + number * SegmentCheckpoint.Head.itemSize, count: 1)[0]
        return SparseIndex.Entry(baseOffset: item.0, position: Int(item.1), earlierMaxTimestamp: item.2)
    }

    private func items(at position: Int, count: Int) throws -> [(Int64, Int64, Int64)] {
        var bytes = try file.read(at: position, count: count * SegmentCheckpoint.Head.itemSize)
        return try (0..<count).map { _ in
            guard let item = bytes.readItem() else { throw Unusable() }
            return item
        }
    }
}
