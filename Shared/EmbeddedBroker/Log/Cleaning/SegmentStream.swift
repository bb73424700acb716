// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Reads a segment's batches one after the other, with bounded memory.
struct SegmentReader {
    private static let chunkBytes = 1 << 20

    private let file: LogFile
    private let size: Int
    private var position = 0
    private var chunk = ByteBuffer()

    init(_ file: LogFile, size: Int) {
        self.file = file
        self.size = size
    }

    /// Nil at the end; throws `UnsoundSegment` when a batch is not what it was when it was written.
    mutating func next() throws -> (header: RecordBatchHeader, batch: ByteBuffer)? {
        guard position < size else { return nil }
        try fill(RecordBatchHeader.size)
        guard let header = RecordBatchHeader(chunk, at: chunk.readerIndex),
            header.totalSize >= RecordBatchHeader.size, position + header.totalSize <= size
        else { throw UnsoundSegment(path: file.path) }
        try fill(header.totalSize)
        guard let batch = chunk.readSlice(length: header.totalSize), header.isIntact(batch) else {
            throw UnsoundSegment(path: file.path)
        }
        position += header.totalSize
        return (header, batch)
    }

    private mutating func fill(_ count: Int) throws(StorageError) {
        guard chunk.readableBytes < count else { return }
        chunk = try file.read(at: position, count: min(max(Self.chunkBytes, count), size - position))
    }
}

/// Writes a segment from its start, describing it on the way.
struct SegmentWriter {
    private static let chunkBytes = 1 << 20

    private let file: LogFile
    private var pending = ByteBuffer()
    private var flushed = 0
    private(set) var summary: SegmentSummary
    private(set) var index = SparseIndex()

    init(path: String, baseOffset: Int64) throws(StorageError) {
        file = try LogFile(path: path)
        try file.truncate(to: 0)
        summary = SegmentSummary(baseOffset: baseOffset)
    }

    mutating func append(_ batch: ByteBuffer) throws(StorageError) {
        guard let header = RecordBatchHeader(batch, at: batch.readerIndex) else { return }
        index.note(header, after: summary)
        summary.note(header)
        pending.writeImmutableBuffer(batch)
        if pending.readableBytes >= Self.chunkBytes { try flush() }
    }

    /// Returns when all of it is on the device.
    mutating func finish() throws(StorageError) {
        try flush()
        try file.sync()
    }

    private mutating func flush() throws(StorageError) {
        try file.write(pending, at: flushed)
        flushed += pending.readableBytes
        pending.clear()
    }
}
