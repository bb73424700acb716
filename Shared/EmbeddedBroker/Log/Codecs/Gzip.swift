// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The gzip format, RFC 1952. Its checksum is not looked at: the batch's own covers the same bytes.
enum Gzip {
    private enum Flag {
        static let headerChecksum: UInt8 = 2
        static let extra: UInt8 = 4
        static let name: UInt8 = 8
        static let comment: UInt8 = 16
    }

    static func decompress(_ buffer: ByteBuffer, limit: Int) throws(DecompressionError) -> ByteBuffer {
        var input = CompressedBytes(Array(buffer.readableBytesView))
        var output = DecompressedBytes(limit: limit)
        repeat {
            try skipHeader(&input)
            var inflate = Inflate(input)
            try inflate.run(into: &output)
            input = inflate.input
            _ = try input.next(8)  // checksum and size
        } while !input.isAtEnd
        return ByteBuffer(bytes: output.bytes)
    }

    private static func skipHeader(_ input: inout CompressedBytes) throws(DecompressionError) {
        guard try input.next() == 0x1F, try input.next() == 0x8B, try input.next() == 8 else { throw .malformed }
        let flags = try input.next()
        _ = try input.next(6)  // time, extra flags, operating system
        if flags & Flag.extra != 0 { _ = try input.next(try input.littleEndian(2)) }
        for flag in [Flag.name, Flag.comment] where flags & flag != 0 {
            while try input.next() != 0 {}
        }
        if flags & Flag.headerChecksum != 0 { _ = try input.next(2) }
    }
}
