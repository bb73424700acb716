// SPDX-License-Identifier: Apache-2.0

import CLibzstd
import NIOCore

/// The Zstandard format, RFC 8878, by the system's library.
///
/// All at once and into one piece: then the library needs no window of the size that a frame asks for.
enum Zstd {
    /// Content sizes that the library gives when it cannot tell one.
    private static let unknownSize = UInt64.max
    private static let noFrame = UInt64.max - 1

    static func decompress(_ buffer: ByteBuffer, limit: Int) throws(DecompressionError) -> ByteBuffer {
        guard buffer.readableBytes > 0 else { throw .truncated }
        let announced = buffer.withUnsafeReadableBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        switch announced {
        case noFrame: throw .malformed
        case unknownSize: return try decompress(buffer, capacity: limit)
        default:
            guard announced <= limit else { throw .tooLarge }
            do throws(DecompressionError) {
                return try decompress(buffer, capacity: Int(announced))
            } catch .tooLarge {
                // More frames follow the first, which is the only one whose size is known.
                return try decompress(buffer, capacity: limit)
            }
        }
    }

    /// Of what is allocated, the system gives only what is written.
    private static func decompress(_ buffer: ByteBuffer, capacity: Int) throws(DecompressionError) -> ByteBuffer {
        var output = ByteBufferAllocator().buffer(capacity: capacity)
        var failure: DecompressionError?
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { target in
            let result = buffer.withUnsafeReadableBytes {
                ZSTD_decompress(target.baseAddress, min(capacity, target.count), $0.baseAddress, $0.count)
            }
            guard ZSTD_isError(result) != 0 else { return result }
            switch ZSTD_getErrorCode(result) {
            case ZSTD_error_dstSize_tooSmall: failure = .tooLarge
            case ZSTD_error_srcSize_wrong: failure = .truncated
            default: failure = .malformed
            }
            return 0
        }
        if let failure { throw failure }
        return output
    }
}
