// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import TestSupport
import Testing

@testable import EmbeddedBroker

/// What other people's compressors made of the same bytes.
@Suite("Decompression")
struct DecompressionTests {
    enum Format: CaseIterable {
        case gzip, gzipFixed, gzipStored, lz4, lz4Independent, snappy, snappyBlocks, zstd, zstdFrames

        func decompress(_ bytes: ByteBuffer, limit: Int = 1 << 20) throws -> ByteBuffer {
            switch self {
            case .gzip, .gzipFixed, .gzipStored: try Gzip.decompress(bytes, limit: limit)
            case .lz4, .lz4Independent: try LZ4.decompress(bytes, limit: limit)
            case .snappy, .snappyBlocks: try Snappy.decompress(bytes, limit: limit)
            case .zstd, .zstdFrames: try Zstd.decompress(bytes, limit: limit)
            }
        }

        var compressed: ByteBuffer {
            get throws {
                let text = CompressedSamples.all["\(self)"] ?? ""
                return ByteBuffer(bytes: try #require(Data(base64Encoded: text.filter { $0 != "\n" })))
            }
        }

        var expected: ByteBuffer {
            let text = (0..<60).map { "record \($0) of the batch; " }.joined()
            let whole = Array(text.utf8) + Array(UInt8.min...UInt8.max)
            return ByteBuffer(bytes: self == .gzipStored ? whole[..<64] : whole[...])
        }
    }

    @Test("Each format is read as its compressors write it", arguments: Format.allCases)
    func samples(format: Format) throws {
        #expect(try format.decompress(format.compressed) == format.expected)
    }

    @Test("What would become too large is given up", arguments: Format.allCases)
    func limit(format: Format) throws {
        let size = format.expected.readableBytes
        #expect(try format.decompress(format.compressed, limit: size).readableBytes == size)
        #expect(throws: DecompressionError.tooLarge) { try format.decompress(format.compressed, limit: size - 1) }
    }

    @Test("A frame of zstd may ask for any window, and promise any size")
    func zstdPromises() throws {
        // Magic number, descriptor, then a window of 2 TiB or a content of 16 EiB, and one empty last block.
        let head: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
        let window = head + [0x00, 0xF8, 0x01, 0x00, 0x00]
        #expect(throws: DecompressionError.self) { try Zstd.decompress(ByteBuffer(bytes: window), limit: 1000) }
        let size = head + [0xE0] + Array(repeating: 0xEF, count: 8) + [0x01, 0x00, 0x00]
        #expect(throws: DecompressionError.tooLarge) { try Zstd.decompress(ByteBuffer(bytes: size), limit: 1000) }
    }

    @Test("A few bytes of zstd that stand for gigabytes are given up at the limit")
    func zstdBomb() throws {
        // Blocks that repeat one byte 128 Ki times, of four bytes each.
        var bomb: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38]
        for _ in 0..<20_000 { bomb += [0x02, 0x00, 0x10, 0x78] }
        bomb += [0x03, 0x00, 0x00, 0x78]
        #expect(throws: DecompressionError.tooLarge) {
            try Zstd.decompress(ByteBuffer(bytes: bomb), limit: RecordBatchBody.largest)
        }
    }

    @Test("Bytes cut or damaged anywhere give an error or other bytes, never a crash", arguments: Format.allCases)
    func damage(format: Format) throws {
        let whole = try format.compressed
        var random = SeededGenerator(seed: 1)
        for length in 0..<whole.readableBytes {
            let cut = try #require(whole.getSlice(at: 0, length: length))
            // Some formats may end in between.
            do { _ = try format.decompress(cut) } catch { #expect(error is DecompressionError) }
            var damaged = whole
            for _ in 0..<3 {
                damaged.setInteger(
                    UInt8.random(in: .min ... .max, using: &random),
                    at: Int.random(in: 0..<whole.readableBytes, using: &random))
            }
            do { _ = try format.decompress(damaged) } catch { #expect(error is DecompressionError) }
        }
    }
}
