// SPDX-License-Identifier: Apache-2.0

import NIOCore

@testable import EmbeddedBroker

/// A record batch as a client would send it.
struct TestBatch {
    var values: [String]
    var hasKeys = true
    var producerID: Int64 = -1
    var producerEpoch: Int16 = -1
    var sequence: Int32 = -1
    var isTransactional = false
    /// The first record's; each later one is a millisecond younger.
    var timestamp: Int64 = 1_700_000_000_000

    var bytes: ByteBuffer {
        var covered = ByteBuffer()
        covered.writeInteger(Int16(isTransactional ? 0x10 : 0))
        covered.writeInteger(Int32(values.count - 1))
        covered.writeInteger(timestamp)
        covered.writeInteger(timestamp + Int64(values.count - 1))
        covered.writeInteger(producerID)
        covered.writeInteger(producerEpoch)
        covered.writeInteger(sequence)
        covered.writeInteger(Int32(values.count))
        for (index, value) in values.enumerated() {
            var record = ByteBuffer()
            record.writeInteger(Int8(0))
            record.writeZigzag(index)
            record.writeZigzag(index)
            if hasKeys {
                record.writeZigzag(1)
                record.writeString("k")
            } else {
                record.writeZigzag(-1)
            }
            record.writeZigzag(value.utf8.count)
            record.writeString(value)
            record.writeZigzag(0)
            covered.writeZigzag(record.readableBytes)
            covered.writeBuffer(&record)
        }
        var batch = ByteBuffer()
        batch.writeInteger(Int64(0))
        batch.writeInteger(Int32(9 + covered.readableBytes))
        batch.writeInteger(Int32(-1))
        batch.writeInteger(Int8(2))
        batch.writeInteger(covered.withUnsafeReadableBytes(CRC32C.checksum))
        batch.writeBuffer(&covered)
        return batch
    }

    /// The batch's head, checked.
    func header() throws -> RecordBatchHeader { try RecordBatchCheck.check(bytes) }
}

extension ByteBuffer {
    fileprivate mutating func writeZigzag(_ value: Int) {
        var rest = UInt64(bitPattern: Int64((value << 1) ^ (value >> 63)))
        while rest > 0x7F {
            writeInteger(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        writeInteger(UInt8(rest))
    }
}

/// Reads back what a fetch returned.
enum StoredBatches {
    static func headers(_ bytes: ByteBuffer) -> [RecordBatchHeader] {
        var headers: [RecordBatchHeader] = []
        var position = bytes.readerIndex
        while let header = RecordBatchHeader(bytes, at: position) {
            headers.append(header)
            position += header.totalSize
        }
        return headers
    }
}
