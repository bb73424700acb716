// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The fixed head of a record batch of format 2.
struct RecordBatchHeader: Equatable, Sendable {
    /// Bytes before the first record.
    static let size = 61
    /// Bytes before the part that the batch's own length counts.
    static let lengthOverhead = 12
    /// Where the part that the checksum covers begins.
    static let checksumStart = 21

    var baseOffset: Int64
    /// Bytes of the whole batch, this head included.
    var totalSize: Int
    var magic: Int8
    var checksum: UInt32
    var attributes: Int16
    var lastOffsetDelta: Int32
    var baseTimestamp: Int64
    var maxTimestamp: Int64
    var producerID: Int64
    var producerEpoch: Int16
    var baseSequence: Int32
    var recordCount: Int32

    var lastOffset: Int64 { baseOffset &+ Int64(lastOffsetDelta) }
    var isCompressed: Bool { attributes & 0x07 != 0 }
    var isTransactional: Bool { attributes & 0x10 != 0 }
    var isControl: Bool { attributes & 0x20 != 0 }
    /// When compaction may drop the batch's tombstones or its marker; set by compaction only. Milliseconds since 1970.
    var deleteHorizon: Int64? { attributes & 0x40 != 0 ? baseTimestamp : nil }
    var hasProducer: Bool { producerID >= 0 }
    /// The last record's sequence number; numbers wrap to zero after the largest 32-bit integer.
    var lastSequence: Int32 { RecordBatchHeader.advance(baseSequence, by: lastOffsetDelta) }

    static func advance(_ sequence: Int32, by count: Int32) -> Int32 {
        Int32(truncatingIfNeeded: (Int64(sequence) + Int64(count)) & Int64(Int32.max))
    }

}

extension RecordBatchHeader {
    /// Reads the head of the batch that starts at an index of a buffer; nil when the bytes end before the head does.
    init?(_ buffer: ByteBuffer, at index: Int) {
        guard
            let head = buffer.getSlice(at: index, length: Self.size)?.withUnsafeReadableBytes({ bytes in
                RecordBatchHeader(bytes)
            })
        else { return nil }
        self = head
    }

    private init(_ bytes: UnsafeRawBufferPointer) {
        func read<Integer: FixedWidthInteger>(_ offset: Int, as type: Integer.Type) -> Integer {
            Integer(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
        }
        baseOffset = read(0, as: Int64.self)
        totalSize = Int(read(8, as: Int32.self)) + Self.lengthOverhead
        magic = read(16, as: Int8.self)
        checksum = read(17, as: UInt32.self)
        attributes = read(21, as: Int16.self)
        lastOffsetDelta = read(23, as: Int32.self)
        baseTimestamp = read(27, as: Int64.self)
        maxTimestamp = read(35, as: Int64.self)
        producerID = read(43, as: Int64.self)
        producerEpoch = read(51, as: Int16.self)
        baseSequence = read(53, as: Int32.self)
        recordCount = read(57, as: Int32.self)
    }
}

/// Checks on a batch that a client sent, all that need no state.
enum RecordBatchCheck {
    /// The head of the one batch that `records` must be.
    static func check(_ records: ByteBuffer?) throws(ErrorCode) -> RecordBatchHeader {
        guard let records, records.readableBytes > 0 else { throw .invalidRecord }
        guard records.readableBytes > 16 else { throw .corruptMessage }
        // Formats 0 and 1 keep the magic number at the same place.
        guard records.getInteger(at: records.readerIndex + 16, as: Int8.self) == 2 else {
            throw .unsupportedForMessageFormat
        }
        guard let header = RecordBatchHeader(records, at: records.readerIndex),
            header.totalSize >= RecordBatchHeader.size, header.totalSize <= records.readableBytes
        else { throw .corruptMessage }
        guard header.totalSize == records.readableBytes else { throw .invalidRecord }
        guard header.isIntact(records) else { throw .corruptMessage }
        // Only the broker writes control batches and delete horizons, and offsets must be dense.
        guard !header.isControl, header.deleteHorizon == nil, header.recordCount > 0,
            header.lastOffsetDelta == header.recordCount - 1
        else {
            throw .invalidRecord
        }
        if header.hasProducer {
            guard header.producerEpoch >= 0, header.baseSequence >= 0 else { throw .invalidRecord }
        } else if header.isTransactional {
            throw .invalidRecord
        }
        return header
    }
}
