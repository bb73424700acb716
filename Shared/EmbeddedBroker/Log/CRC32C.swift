// SPDX-License-Identifier: Apache-2.0

import CChecksum

/// The CRC-32C (Castagnoli) checksum of RFC 3720, appendix B.4, eight bytes at a time: by the processor's own
/// instruction where it has one, by tables elsewhere.
enum CRC32C {
    /// Table k holds the checksum of each byte followed by k zero bytes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 {
                crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1
            }
            tables[byte] = crc
        }
        for index in 256..<(8 * 256) {
            let previous = tables[index - 256]
            tables[index] = (previous >> 8) ^ tables[Int(previous & 0xFF)]
        }
        return tables
    }()

    private static let isInHardware = relay_crc32c_is_available() != 0

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        isInHardware ? relay_crc32c(bytes.baseAddress, bytes.count) : byTables(bytes)
    }

    static func byTables(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            guard let table = tables.baseAddress, let start = bytes.baseAddress else { return 0 }
            var crc: UInt32 = .max
            var position = 0
            let wholeWords = bytes.count & ~7
            while position < wholeWords {
                let word = (start + position).loadUnaligned(as: UInt64.self).littleEndian ^ UInt64(crc)
                crc =
                    table[0x700 &+ Int(truncatingIfNeeded: word & 0xFF)]
                    ^ table[0x600 &+ Int(truncatingIfNeeded: (word &>> 8) & 0xFF)]
                    ^ table[0x500 &+ Int(truncatingIfNeeded: (word &>> 16) & 0xFF)]
                    ^ table[0x400 &+ Int(truncatingIfNeeded: (word &>> 24) & 0xFF)]
                    ^ table[0x300 &+ Int(truncatingIfNeeded: (word &>> 32) & 0xFF)]
                    ^ table[0x200 &+ Int(truncatingIfNeeded: (word &>> 40) & 0xFF)]
                    ^ table[0x100 &+ Int(truncatingIfNeeded: (word &>> 48) & 0xFF)]
                    ^ table[Int(truncatingIfNeeded: word &>> 56)]
                position &+= 8
            }
            while position < bytes.count {
                crc = (crc &>> 8) ^ table[Int(truncatingIfNeeded: (crc ^ UInt32(start[position])) & 0xFF)]
                position &+= 1
            }
            return ~crc
        }
    }
}

extension UnsafeRawPointer {
    fileprivate subscript(position: Int) -> UInt8 { load(fromByteOffset: position, as: UInt8.self) }
}
