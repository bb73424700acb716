// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Makes a batch with some of another's records.
enum RecordBatchWriter {
    private static let codecBits: Int16 = 0x07
    private static let horizonBit: Int16 = 0x40

    /// The records' offsets and times stay, and the batch's own offsets and producer. It is not compressed.
    ///
    /// The batch's base timestamp is its delete horizon when it has one; the records' own are relative to it.
    static func batch(
        like header: RecordBatchHeader, _ records: [RecordView], deleteHorizon: Int64?
    ) -> ByteBuffer {
        let times = records.map { header.baseTimestamp &+ $0.timestampDelta }
        let base = deleteHorizon ?? times.first ?? header.baseTimestamp
        var attributes = header.attributes & ~(codecBits | horizonBit)
        if deleteHorizon != nil { attributes |= horizonBit }
        var covered = ByteBuffer()
        covered.writeInteger(attributes)
        covered.writeInteger(header.lastOffsetDelta)
        covered.writeInteger(base)
        covered.writeInteger(times.max() ?? header.maxTimestamp)
        covered.writeInteger(header.producerID)
        covered.writeInteger(header.producerEpoch)
        covered.writeInteger(header.baseSequence)
        covered.writeInteger(Int32(records.count))
        for (var record, time) in zip(records, times) {
            record.timestampDelta = time &- base
            record.write(to: &covered)
        }
        var batch = ByteBuffer()
        batch.writeInteger(header.baseOffset)
        batch.writeInteger(
            Int32(RecordBatchHeader.checksumStart - RecordBatchHeader.lengthOverhead + covered.readableBytes))
        batch.writeInteger(Int32(0))  // leader epoch
        batch.writeInteger(Int8(2))
        batch.writeInteger(covered.withUnsafeReadableBytes(CRC32C.checksum))
        batch.writeBuffer(&covered)
        return batch
    }
}
