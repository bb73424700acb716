// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The Snappy format, plain or in the blocks that Java clients write.
enum Snappy {
    private static let blockMagic: [UInt8] = [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0x00]

    static func decompress(_ buffer: ByteBuffer, limit: Int) throws(DecompressionError) -> ByteBuffer {
        var input = CompressedBytes(Array(buffer.readableBytesView))
        var output = DecompressedBytes(limit: limit)
        if buffer.readableBytesView.starts(with: blockMagic) {
            _ = try input.next(16)  // magic and two version numbers
            while !input.isAtEnd {
                let length = try input.bigEndian(4)
                var block = CompressedBytes(Array(try input.next(length)))
                try decompress(&block, into: &output)
            }
        } else {
            try decompress(&input, into: &output)
        }
        return ByteBuffer(bytes: output.bytes)
    }

    private static func decompress(
        _ input: inout CompressedBytes, into output: inout DecompressedBytes
    ) throws(DecompressionError) {
        var expected = 0
        for shift in stride(from: 0, through: 28, by: 7) {
            let byte = try input.next()
            expected |= Int(byte & 0x7F) << shift
            if byte & 0x80 == 0 { break }
        }
        let start = output.bytes.count
        while !input.isAtEnd {
            let tag = Int(try input.next())
            switch tag & 3 {
            case 0:
                var length = tag >> 2
                if length >= 60 { length = try input.littleEndian(length - 59) }
                try output.append(try input.next(length + 1))
            case 1:
                let distance = (tag & 0xE0) << 3 | Int(try input.next())
                try output.repeat(distance: distance, count: (tag >> 2 & 7) + 4, from: start)
            case let kind:
                let distance = try input.littleEndian(kind == 2 ? 2 : 4)
                try output.repeat(distance: distance, count: (tag >> 2) + 1, from: start)
            }
        }
        guard output.bytes.count - start == expected else { throw .malformed }
    }
}
