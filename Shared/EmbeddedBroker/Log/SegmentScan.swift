// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A walk through a segment's batches, from its start or from where a checkpoint ends, to what they say together.
struct SegmentScan {
    private static let chunkBytes = 1 << 20

    private(set) var summary: SegmentSummary
    private(set) var index: SparseIndex
    private(set) var ledger: ProducerLedger
    /// Bytes at the end that are no whole, sound batches.
    private(set) var leftover = 0

    /// Starts at the beginning of a segment, with the producers as they were at the end of the one before.
    init(baseOffset: Int64, ledger: ProducerLedger) {
        summary = SegmentSummary(baseOffset: baseOffset)
        index = SparseIndex()
        self.ledger = ledger
    }

    /// Goes on where a checkpoint ends.
    init(after checkpoint: CheckpointFile) throws {
        summary = checkpoint.head.summary
        index = try checkpoint.index()
        ledger = try checkpoint.ledger()
        ledger.restore(aborted: try checkpoint.aborted())
    }

    var checkpoint: SegmentCheckpoint { SegmentCheckpoint(summary: summary, index: index, ledger: ledger) }

    /// Walks to the end of the file. The first batch that is torn, misplaced or corrupt ends the segment.
    ///
    /// The broker's clock at the time of a batch is not known any more; `now` stands for it.
    mutating func run(_ file: LogFile, now: Int64) throws(StorageError) {
        let fileSize = try file.size()
        var chunk = ByteBuffer()
        var chunkStart = 0
        while summary.size < fileSize {
            let position = summary.size
            func fill(_ count: Int) throws(StorageError) {
                guard chunk.readableBytes < position - chunkStart + count else { return }
                (chunk, chunkStart) = (try file.read(at: position, count: max(Self.chunkBytes, count)), position)
            }
            try fill(RecordBatchHeader.size)
            guard let header = RecordBatchHeader(chunk, at: position - chunkStart),
                header.magic == 2, header.totalSize >= RecordBatchHeader.size,
                position + header.totalSize <= fileSize, header.baseOffset >= summary.endOffset,
                header.lastOffsetDelta >= 0
            else { break }
            try fill(header.totalSize)
            guard let batch = chunk.getSlice(at: position - chunkStart, length: header.totalSize),
                header.isIntact(batch)
            else { break }
            note(header, batch, now: now)
        }
        leftover = fileSize - summary.size
    }

    private mutating func note(_ header: RecordBatchHeader, _ batch: ByteBuffer, now: Int64) {
        index.note(header, after: summary)
        summary.note(header)
        if !header.isControl {
            ledger.append(header, now: now)
        } else if let outcome = ControlBatch.outcome(of: batch) {
            ledger.end(header, outcome: outcome, now: now)
        }
    }
}

extension RecordBatchHeader {
    /// Whether the batch's checksum is right.
    func isIntact(_ batch: ByteBuffer) -> Bool {
        batch.withUnsafeReadableBytes {
            CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[Self.checksumStart...]))
        } == checksum
    }
}
