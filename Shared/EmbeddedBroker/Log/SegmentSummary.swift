// SPDX-License-Identifier: Apache-2.0

/// What is known of a segment without looking into it.
struct SegmentSummary: Equatable, Sendable {
    /// Where a batch lies and what it must hold: tells whether a description still fits its segment.
    struct BatchMark: Equatable, Sendable {
        var position: Int
        var checksum: UInt32
    }

    var baseOffset: Int64
    /// Bytes of whole batches, and of damage before and between them.
    var size = 0
    /// One past the last offset that the segment is in charge of.
    var endOffset: Int64
    /// Milliseconds since 1970; -1 when the segment is empty.
    var maxTimestamp: Int64 = -1
    /// The largest timestamp of the first batch.
    var firstTimestamp: Int64 = -1
    var lastBatch: BatchMark?
    /// Compaction has seen what lies before this offset.
    var compactedEnd: Int64
    /// When compaction may drop the first of its tombstones or markers; milliseconds since 1970.
    var deleteHorizon: Int64 = .max
    /// Transactions that are open at the segment's end begin here or later; its end when there are none.
    var stableOffset: Int64

    init(baseOffset: Int64) {
        self.baseOffset = baseOffset
        endOffset = baseOffset
        stableOffset = baseOffset
        compactedEnd = baseOffset
    }

    var isCompacted: Bool { compactedEnd >= endOffset }

    /// Takes a batch at the end of the segment into account.
    mutating func note(_ header: RecordBatchHeader) {
        if lastBatch == nil { firstTimestamp = header.maxTimestamp }
        lastBatch = BatchMark(position: size, checksum: header.checksum)
        size += header.totalSize
        endOffset = header.lastOffset + 1
        maxTimestamp = max(maxTimestamp, header.maxTimestamp)
        if let horizon = header.deleteHorizon { deleteHorizon = min(deleteHorizon, horizon) }
    }

    /// Passes over bytes that are no sound batches.
    mutating func pass(to position: Int) { size = position }
}
