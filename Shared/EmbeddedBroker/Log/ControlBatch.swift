// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// How a transaction ended, as the marker in each of its partitions tells.
enum TransactionOutcome: Int16, Sendable {
    case abort = 0
    case commit = 1
}

/// The one-record batch that ends a transaction in a partition.
enum ControlBatch {
    private static let transactionalControl: Int16 = 0x30

    static func marker(
        _ outcome: TransactionOutcome, producerID: Int64, producerEpoch: Int16, timestamp: Int64
    ) -> ByteBuffer {
        var record = ByteBuffer()
        record.writeInteger(Int8(0))  // attributes
        record.writeInteger(UInt8(0))  // timestamp delta
        record.writeInteger(UInt8(0))  // offset delta
        record.writeInteger(UInt8(8))  // key length 4, zigzag
        record.writeInteger(Int16(0))  // key version
        record.writeInteger(outcome.rawValue)
        record.writeInteger(UInt8(12))  // value length 6, zigzag
        record.writeInteger(Int16(0))  // value version
        record.writeInteger(Int32(0))  // coordinator epoch
        record.writeInteger(UInt8(0))  // no headers

        var covered = ByteBuffer()
        covered.writeInteger(transactionalControl)
        covered.writeInteger(Int32(0))  // last offset delta
        covered.writeInteger(timestamp)
        covered.writeInteger(timestamp)
        covered.writeInteger(producerID)
        covered.writeInteger(producerEpoch)
        covered.writeInteger(Int32(-1))  // base sequence
        covered.writeInteger(Int32(1))  // records
        covered.writeInteger(UInt8(record.readableBytes * 2))  // record length, zigzag
        covered.writeBuffer(&record)

        var batch = ByteBuffer()
        batch.writeInteger(Int64(0))  // base offset, assigned on append
        batch.writeInteger(Int32(9 + covered.readableBytes))
        batch.writeInteger(Int32(0))  // leader epoch
        batch.writeInteger(Int8(2))
        batch.writeInteger(covered.withUnsafeReadableBytes(CRC32C.checksum))
        batch.writeBuffer(&covered)
        return batch
    }

    /// The outcome that a control batch tells; nil for other kinds of control record.
    static func outcome(of batch: ByteBuffer) -> TransactionOutcome? {
        var body = batch
        body.moveReaderIndex(forwardBy: min(RecordBatchHeader.size, body.readableBytes))
        guard let record = RecordView.next(in: &body), var key = record.key else { return nil }
        guard key.readInteger(as: Int16.self) != nil, let type = key.readInteger(as: Int16.self) else { return nil }
        return TransactionOutcome(rawValue: type)
    }

    /// The outcome that a damaged marker told: the one with which it would have the checksum that is in its head, else
    /// the one that can be read.
    static func likelyOutcome(of batch: ByteBuffer, _ header: RecordBatchHeader) -> TransactionOutcome? {
        [TransactionOutcome.commit, .abort].first { outcome in
            let whole = marker(
                outcome, producerID: header.producerID, producerEpoch: header.producerEpoch,
                timestamp: header.baseTimestamp)
            return RecordBatchHeader(whole, at: 0)?.checksum == header.checksum
        } ?? outcome(of: batch)
    }
}
