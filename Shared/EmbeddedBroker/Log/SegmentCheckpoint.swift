// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A segment's description as kept beside it: its summary, its index, the transactions that were aborted in it, and
/// what is known of the producers at its end.
///
/// With it a start reads the part of the segment that was written since, and nothing of segments that it covers whole.
/// It is only ever derived from the log: one that is missing, torn or does not fit its segment is made anew.
struct SegmentCheckpoint: Equatable, Sendable {
    var summary: SegmentSummary
    var index: SparseIndex
    var aborted: [ProducerLedger.AbortedTransaction]
    var ledger: ByteBuffer

    static let fileSuffix = ".index"

    init(
        summary: SegmentSummary, index: SparseIndex, aborted: [ProducerLedger.AbortedTransaction], ledger: ByteBuffer
    ) {
        self.summary = summary
        self.index = index
        self.aborted = aborted
        self.ledger = ledger
    }

    /// Describes a segment at whose end the ledger stands.
    init(summary: SegmentSummary, index: SparseIndex, ledger: ProducerLedger) {
        self.summary = summary
        self.summary.stableOffset = ledger.firstOpenOffset ?? summary.endOffset
        self.index = index
        aborted = ledger.aborted.filter { (summary.baseOffset..<summary.endOffset).contains($0.lastOffset) }
        self.ledger = ledger.encoded
    }
}

extension SegmentCheckpoint {
    /// The head of the file: the summary, and where the rest lies.
    struct Head: Equatable, Sendable {
        static let size = 104
        private static let magic: UInt32 = 0x5245_4C31
        private static let format: UInt32 = 1

        var summary: SegmentSummary
        var indexCount: Int
        var abortedCount: Int
        var ledgerLength: Int
        var ledgerChecksum: UInt32

        static let itemSize = 28
        var indexStart: Int { Self.size }
        var abortedStart: Int { indexStart + indexCount * Self.itemSize }
        var ledgerStart: Int { abortedStart + abortedCount * Self.itemSize }
        var fileSize: Int { ledgerStart + ledgerLength }
    }

    var encoded: ByteBuffer {
        let head = Head(
            summary: summary, indexCount: index.entries.count, abortedCount: aborted.count,
            ledgerLength: ledger.readableBytes, ledgerChecksum: ledger.withUnsafeReadableBytes(CRC32C.checksum))
        var bytes = ByteBufferAllocator().buffer(capacity: head.fileSize)
        bytes.writeImmutableBuffer(head.encoded)
        for entry in index.entries {
            bytes.writeItem(entry.baseOffset, Int64(entry.position), entry.earlierMaxTimestamp)
        }
        for entry in aborted { bytes.writeItem(entry.producerID, entry.firstOffset, entry.lastOffset) }
        bytes.writeImmutableBuffer(ledger)
        return bytes
    }
}

extension SegmentCheckpoint.Head {
    var encoded: ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger(Self.magic)
        bytes.writeInteger(Self.format)
        bytes.writeInteger(summary.baseOffset)
        bytes.writeInteger(Int64(summary.size))
        bytes.writeInteger(summary.endOffset)
        bytes.writeInteger(summary.maxTimestamp)
        bytes.writeInteger(summary.firstTimestamp)
        bytes.writeInteger(Int64(summary.lastBatch?.position ?? -1))
        bytes.writeInteger(summary.lastBatch?.checksum ?? 0)
        bytes.writeInteger(summary.deleteHorizon)
        bytes.writeInteger(summary.stableOffset)
        bytes.writeInteger(UInt32(indexCount))
        bytes.writeInteger(UInt32(abortedCount))
        bytes.writeInteger(UInt32(ledgerLength))
        bytes.writeInteger(ledgerChecksum)
        bytes.writeInteger(summary.compactedEnd)
        bytes.writeInteger(bytes.withUnsafeReadableBytes(CRC32C.checksum))
        return bytes
    }

    /// Nil when the bytes are not a whole, undamaged head.
    init?(_ bytes: ByteBuffer) {
        guard bytes.readableBytes == Self.size, var covered = bytes.getSlice(at: 0, length: Self.size - 4),
            bytes.getInteger(at: Self.size - 4, as: UInt32.self) == covered.withUnsafeReadableBytes(CRC32C.checksum),
            let (magic, format, base, size) = covered.readMultipleIntegers(as: (UInt32, UInt32, Int64, Int64).self),
            magic == Self.magic, format == Self.format,
            let (end, newest, first, mark) = covered.readMultipleIntegers(as: (Int64, Int64, Int64, Int64).self),
            let (checksum, horizon, stable) = covered.readMultipleIntegers(as: (UInt32, Int64, Int64).self),
            let (entries, aborted, length, ledgerChecksum) = covered.readMultipleIntegers(
                as: (UInt32, UInt32, UInt32, UInt32).self),
            let compactedEnd = covered.readInteger(as: Int64.self)
        else { return nil }
        summary = SegmentSummary(baseOffset: base)
        summary.size = Int(size)
        summary.endOffset = end
        summary.maxTimestamp = newest
        summary.firstTimestamp = first
        summary.lastBatch = mark < 0 ? nil : SegmentSummary.BatchMark(position: Int(mark), checksum: checksum)
        summary.compactedEnd = compactedEnd
        summary.deleteHorizon = horizon
        summary.stableOffset = stable
        indexCount = Int(entries)
        abortedCount = Int(aborted)
        ledgerLength = Int(length)
        self.ledgerChecksum = ledgerChecksum
    }
}

extension ByteBuffer {
    /// Three numbers and their checksum.
    mutating func writeItem(_ first: Int64, _ second: Int64, _ third: Int64) {
        let start = writerIndex
        writeMultipleIntegers(first, second, third)
        let checksum = withUnsafeReadableBytes { bytes in
            CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[(start - readerIndex)...]))
        }
        writeInteger(checksum)
    }

    /// Nil at the end, and when the checksum says that the item is damaged.
    mutating func readItem() -> (Int64, Int64, Int64)? {
        guard let covered = getSlice(at: readerIndex, length: SegmentCheckpoint.Head.itemSize - 4),
            let (first, second, third, checksum) = readMultipleIntegers(as: (Int64, Int64, Int64, UInt32).self),
            covered.withUnsafeReadableBytes(CRC32C.checksum) == checksum
        else { return nil }
        return (first, second, third)
    }
}
