// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Reads the heads of a segment's batches when the broker starts.
enum LogRecovery {
    private static let chunkBytes = 1 << 20

    /// Walks the segment, indexes every batch and hands its head on, with the outcome when it is a marker.
    ///
    /// With `verify` every checksum is computed. The first batch that is torn, misplaced or corrupt ends the segment:
    /// it and what follows are cut off.
    static func recover(
        _ segment: Segment, verify: Bool, each body: (RecordBatchHeader, TransactionOutcome?) -> Void
    ) throws {
        let fileSize = try segment.file.size()
        var chunk = ByteBuffer()
        var chunkStart = 0
        while segment.size < fileSize {
            let position = segment.size
            if chunk.readableBytes < position - chunkStart + RecordBatchHeader.size {
                (chunk, chunkStart) = (try segment.file.read(at: position, count: chunkBytes), position)
            }
            guard let header = RecordBatchHeader(chunk, at: position - chunkStart),
                header.magic == 2, header.totalSize >= RecordBatchHeader.size,
                position + header.totalSize <= fileSize, header.baseOffset >= segment.endOffset,
                header.lastOffsetDelta >= 0
            else { break }
            var outcome: TransactionOutcome?
            if verify || header.isControl {
                if chunk.readableBytes < position - chunkStart + header.totalSize {
                    (chunk, chunkStart) = (
                        try segment.file.read(at: position, count: max(chunkBytes, header.totalSize)), position
                    )
                }
                guard let batch = chunk.getSlice(at: position - chunkStart, length: header.totalSize),
                    isIntact(batch, header)
                else { break }
                outcome = header.isControl ? ControlBatch.outcome(of: batch) : nil
            }
            segment.note(header)
            body(header, outcome)
        }
        if segment.size < fileSize {
            try segment.file.truncate(to: segment.size)
        }
    }

    private static func isIntact(_ batch: ByteBuffer, _ header: RecordBatchHeader) -> Bool {
        batch.withUnsafeReadableBytes {
            CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[RecordBatchHeader.checksumStart...]))
        } == header.checksum
    }
}
