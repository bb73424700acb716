// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// One record of an uncompressed batch, read in place.
struct RecordView {
    var timestampDelta: Int64
    var offsetDelta: Int32
    var key: ByteBuffer?

    /// Reads the record at the front of a batch's body and moves past it; nil when there is none or it is malformed.
    static func next(in body: inout ByteBuffer) -> RecordView? {
        guard let length = body.readZigzag(), length >= 0, length <= body.readableBytes,
            var record = body.readSlice(length: Int(length))
        else { return nil }
        guard record.readInteger(as: Int8.self) != nil,
            let timestampDelta = record.readZigzag(),
            let offsetDelta = record.readZigzag().flatMap({ Int32(exactly: $0) }),
            let keyLength = record.readZigzag(), keyLength >= -1, keyLength <= record.readableBytes
        else { return nil }
        let key = keyLength < 0 ? nil : record.readSlice(length: Int(keyLength))
        return RecordView(timestampDelta: timestampDelta, offsetDelta: offsetDelta, key: key)
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
}
