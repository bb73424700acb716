// SPDX-License-Identifier: Apache-2.0

import NIOCore

@testable import EmbeddedBroker

/// A record batch as a client would send it.
struct TestBatch {
    struct Record {
        var key: String?
        /// Nil makes a tombstone.
        var value: String?
    }

    var records: [Record]
    var producerID: Int64 = -1
    var producerEpoch: Int16 = -1
    var sequence: Int32 = -1
    var isTransactional = false
    /// The first record's; each later one is a millisecond younger.
    var timestamp: Int64 = 1_700_000_000_000
    /// The codec's number and what it makes of the records.
    var compression: (codec: Int16, compress: (ByteBuffer) -> ByteBuffer)?

    init(
        values: [String], hasKeys: Bool = true, producerID: Int64 = -1, producerEpoch: Int16 = -1,
        sequence: Int32 = -1, isTransactional: Bool = false, timestamp: Int64 = 1_700_000_000_000
    ) {
        self.init(values.map { Record(key: hasKeys ? "k" : nil, value: $0) })
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.sequence = sequence
        self.isTransactional = isTransactional
        self.timestamp = timestamp
    }

    init(_ records: [Record]) { self.records = records }

    var bytes: ByteBuffer {
        var covered = ByteBuffer()
        covered.writeInteger((isTransactional ? 0x10 : 0) | (compression?.codec ?? 0))
        covered.writeInteger(Int32(records.count - 1))
        covered.writeInteger(timestamp)
        covered.writeInteger(timestamp + Int64(records.count - 1))
        covered.writeInteger(producerID)
        covered.writeInteger(producerEpoch)
        covered.writeInteger(sequence)
        covered.writeInteger(Int32(records.count))
        var body = ByteBuffer()
        for (index, record) in records.enumerated() { body.write(record, index) }
        covered.writeImmutableBuffer(compression?.compress(body) ?? body)
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
    fileprivate mutating func write(_ record: TestBatch.Record, _ index: Int) {
        var bytes = ByteBuffer()
        bytes.writeInteger(Int8(0))
        bytes.writeZigzag(index)
        bytes.writeZigzag(index)
        for field in [record.key, record.value] {
            bytes.writeZigzag(field?.utf8.count ?? -1)
            bytes.writeString(field ?? "")
        }
        bytes.writeZigzag(0)
        writeZigzag(bytes.readableBytes)
        writeBuffer(&bytes)
    }

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

extension FetchResponse.Partition {
    /// The heads of the batches that it holds.
    var headers: [RecordBatchHeader] { StoredBatches.headers(batches?.bytes ?? ByteBuffer()) }
}
