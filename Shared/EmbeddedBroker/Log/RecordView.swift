// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// One record of an open batch, read in place.
struct RecordView {
    var attributes: Int8
    var timestampDelta: Int64
    var offsetDelta: Int32
    var key: ByteBuffer?
    /// A record without a value asks for its key's removal when it is compacted.
    var hasValue: Bool
    /// The key, the value and the headers as they are encoded.
    var content: ByteBuffer

    /// Reads the record at the front of a batch's body and moves past it; nil when there is none or it is malformed.
    static func next(in body: inout ByteBuffer) -> RecordView? {
        guard let length = body.readZigzag(), length >= 0, length <= body.readableBytes,
            var record = body.readSlice(length: Int(length))
        else { return nil }
        guard let attributes = record.readInteger(as: Int8.self),
            let timestampDelta = record.readZigzag(),
            let offsetDelta = record.readZigzag().flatMap({ Int32(exactly: $0) })
        else { return nil }
        let content = record
        guard let keyLength = record.readZigzag(), keyLength >= -1, keyLength <= record.readableBytes else {
            return nil
        }
        let key = keyLength < 0 ? nil : record.readSlice(length: Int(keyLength))
        guard let valueLength = record.readZigzag(), valueLength >= -1, valueLength <= record.readableBytes else {
            return nil
        }
        return RecordView(
            attributes: attributes, timestampDelta: timestampDelta, offsetDelta: offsetDelta, key: key,
            hasValue: valueLength >= 0, content: content)
    }

    /// Writes the record as the protocol encodes it.
    func write(to body: inout ByteBuffer) {
        var head = ByteBuffer()
        head.writeInteger(attributes)
        head.writeZigzag(timestampDelta)
        head.writeZigzag(Int64(offsetDelta))
        body.writeZigzag(Int64(head.readableBytes + content.readableBytes))
        body.writeBuffer(&head)
        body.writeImmutableBuffer(content)
    }
}

extension ByteBuffer {
    /// A variable-length integer in zigzag encoding, as inside record batches.
    fileprivate mutating func readZigzag() -> Int64? {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard let byte = readInteger(as: UInt8.self) else { return nil }
            result |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                return Int64(bitPattern: (result >> 1) ^ (0 &- (result & 1)))
            }
        }
        return nil
    }

    fileprivate mutating func writeZigzag(_ value: Int64) {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        while rest > 0x7F {
            writeInteger(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        writeInteger(UInt8(rest))
    }
}
