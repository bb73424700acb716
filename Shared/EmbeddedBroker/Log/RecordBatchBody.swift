// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The records of a batch, taken out of their compression.
enum RecordBatchBody {
    case records(ByteBuffer)
    /// No codec has the number that the batch says.
    case unknownCodec
    /// The compressed bytes are damaged, or larger than the broker is ready to hold.
    case malformed

    /// The most bytes that a batch may have when it is decompressed.
    static let largest = 64 << 20

    static func open(_ batch: ByteBuffer, _ header: RecordBatchHeader) -> RecordBatchBody {
        var body = batch
        body.moveReaderIndex(forwardBy: RecordBatchHeader.size)
        do throws(DecompressionError) {
            switch header.attributes & 0x07 {
            case 0: return .records(body)
            case 1: return .records(try Gzip.decompress(body, limit: largest))
            case 2: return .records(try Snappy.decompress(body, limit: largest))
            case 3: return .records(try LZ4.decompress(body, limit: largest))
            case 4: return .records(try Zstd.decompress(body, limit: largest))
            default: return .unknownCodec
            }
        } catch {
            return .malformed
        }
    }
}
