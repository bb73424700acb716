// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The LZ4 frame format. Its checksums are not looked at: the batch's own covers the same bytes.
enum LZ4 {
    private static let magic = 0x184D_2204

    static func decompress(_ buffer: ByteBuffer, limit: Int) throws(DecompressionError) -> ByteBuffer {
        var input = CompressedBytes(Array(buffer.readableBytesView))
        var output = DecompressedBytes(limit: limit)
        while !input.isAtEnd { try frame(&input, into: &output) }
        return ByteBuffer(bytes: output.bytes)
    }

    private static func frame(
        _ input: inout CompressedBytes, into output: inout DecompressedBytes
    ) throws(DecompressionError) {
        guard try input.littleEndian(4) == magic else { throw .malformed }
        let flags = try input.next()
        _ = try input.next()  // block size
        guard flags >> 6 == 1, flags & 1 == 0 else { throw .malformed }
        let (blockChecksum, contentSize, contentChecksum) = (flags & 0x10 != 0, flags & 0x08 != 0, flags & 0x04 != 0)
        let areIndependent = flags & 0x20 != 0
        if contentSize { _ = try input.next(8) }
        _ = try input.next()  // header checksum
        let frameStart = output.bytes.count
        while true {
            let size = try input.littleEndian(4)
            if size == 0 { break }
            let content = try input.next(size & 0x7FFF_FFFF)
            if size & 0x8000_0000 != 0 {
                try output.append(content)
            } else {
                var block = CompressedBytes(Array(content))
                try self.block(&block, into: &output, from: areIndependent ? output.bytes.count : frameStart)
            }
            if blockChecksum { _ = try input.next(4) }
        }
        if contentChecksum { _ = try input.next(4) }
    }

    private static func block(
        _ input: inout CompressedBytes, into output: inout DecompressedBytes, from start: Int
    ) throws(DecompressionError) {
        while true {
            let token = Int(try input.next())
            try output.append(try input.next(try length(token >> 4, &input)))
            if input.isAtEnd { return }
            let distance = try input.littleEndian(2)
            try output.repeat(distance: distance, count: try length(token & 15, &input) + 4, from: start)
        }
    }

    private static func length(_ short: Int, _ input: inout CompressedBytes) throws(DecompressionError) -> Int {
        guard short == 15 else { return short }
        var length = short
        while true {
            let byte = try input.next()
            length += Int(byte)
            if byte < 255 { return length }
        }
    }
}
