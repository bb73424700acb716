// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension Segment {
    private static let chunkBytes = 256 << 10

    func hasUnchecked(in bytes: Range<Int>) -> Bool {
        !unchecked.isEmpty && !unchecked.isDisjoint(RangeSet(bytes))
    }

    /// Reads the batches that begin in a range of bytes and that nobody has read since the process began, once.
    ///
    /// - Parameters:
    ///   - start: Where a batch begins, or known damage.
    ///   - damage: What is known already, and passed over.
    /// - Returns: Where the last of these batches ends.
    /// - Throws: `UnsoundSegment` when one of them is not what it was when it was written.
    @discardableResult
    func check(from start: Int, to end: Int, pastDamage damage: [DamagedRange]) throws -> Int {
        var position = start
        var chunk = ByteBuffer()
        var chunkStart = start
        while let next = nextUnchecked(from: position), next < end {
            position = next
            if let known = damage.first(where: { $0.path == file.path && $0.bytes.contains(position) }) {
                noteChecked(position..<known.bytes.upperBound)
                continue
            }
            func bytes(at place: Int, count: Int) throws(StorageError) -> ByteBuffer? {
                if place < chunkStart || place + count > chunkStart + chunk.readableBytes {
                    chunk = try file.read(at: place, count: min(max(Self.chunkBytes, count), size - place))
                    chunkStart = place
                }
                return chunk.getSlice(at: place - chunkStart, length: count)
            }
            func head(at place: Int) throws(StorageError) -> RecordBatchHeader? {
                try bytes(at: place, count: RecordBatchHeader.size).flatMap {
                    RecordBatchHeader($0, at: $0.readerIndex)
                }
            }
            guard let header = try head(at: position), header.magic == 2,
                header.totalSize >= RecordBatchHeader.size, header.totalSize <= size - position,
                header.baseOffset >= baseOffset, header.lastOffsetDelta >= 0, header.lastOffset < endOffset,
                let batch = try bytes(at: position, count: header.totalSize), header.isIntact(batch),
                batch.getInteger(at: batch.readerIndex + RecordBatchHeader.lengthOverhead, as: Int32.self)
                    == Broker.leaderEpoch
            else { throw UnsoundSegment(path: file.path) }
            // The checksum does not cover the offset.
            if let next = try head(at: position + header.totalSize), next.magic == 2 {
                guard next.baseOffset > header.lastOffset else { throw UnsoundSegment(path: file.path) }
            }
            noteChecked(position..<(position + header.totalSize))
            position += header.totalSize
        }
        return max(position, end)
    }

    /// Where the first unchecked byte at or behind a position is.
    private func nextUnchecked(from position: Int) -> Int? {
        for range in unchecked.ranges where range.upperBound > position { return max(range.lowerBound, position) }
        return nil
    }
}
