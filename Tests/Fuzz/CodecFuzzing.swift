// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import CLibzstd
    import NIOCore
    import TestSupport
    @testable import EmbeddedBroker

    /// What the broker makes of compressed records. An input is a byte for the codec and the compressed bytes.
    struct CodecFuzzing: Fuzzing {
        static let name = "codec"
        private static let limit = 1 << 20

        func invent(_ random: inout SeededGenerator) throws -> [UInt8] {
            let codec = random.below(4)
            let record = (0..<random.below(40)).map { _ in UInt8(random.below(256)) }
            let content = Array(repeatElement(record, count: random.below(6)).joined())
            let compressed =
                switch codec {
                case 0: Self.stored(content)
                case 1: Self.literal(content)
                case 2: Self.uncompressed(content)
                default: Self.zstd(content, level: CInt(random.below(23)))
                }
            return [UInt8(codec)] + compressed
        }

        func run(_ input: [UInt8]) throws -> Int {
            var behaviour = Behaviour()
            guard let codec = input.first else { return behaviour.value }
            behaviour.combine(codec & 3)
            let bytes = ByteBuffer(bytes: input.dropFirst())
            var size: Int?
            do throws(DecompressionError) {
                let output =
                    switch codec & 3 {
                    case 0: try Gzip.decompress(bytes, limit: Self.limit)
                    case 1: try Snappy.decompress(bytes, limit: Self.limit)
                    case 2: try LZ4.decompress(bytes, limit: Self.limit)
                    default: try Zstd.decompress(bytes, limit: Self.limit)
                    }
                size = output.readableBytes
            } catch {
                behaviour.combine(error == .truncated ? 0 : error == .malformed ? 1 : 2)
            }
            guard let size else { return behaviour.value }
            guard size <= Self.limit else { throw Finding("\(size) bytes came out, and the limit is \(Self.limit)") }
            behaviour.combine(3 + size.bitWidth - size.leadingZeroBitCount)
            return behaviour.value
        }

        // The shortest that the formats allow; what is more comes from the corpus.

        private static func stored(_ content: [UInt8]) -> [UInt8] {
            let length = [UInt8(content.count & 0xFF), UInt8(content.count >> 8)]
            return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1] + length + length.map { ~$0 } + content
                + Array(repeating: 0, count: 8)
        }

        private static func literal(_ content: [UInt8]) -> [UInt8] {
            let size =
                content.count < 128
                ? [UInt8(content.count)] : [UInt8(content.count & 0x7F | 0x80), UInt8(content.count >> 7)]
            guard !content.isEmpty else { return size }
            return size + [61 << 2, UInt8((content.count - 1) & 0xFF), UInt8((content.count - 1) >> 8)] + content
        }

        private static func uncompressed(_ content: [UInt8]) -> [UInt8] {
            let block = [UInt8(content.count & 0xFF), UInt8(content.count >> 8), 0, 0x80] + content
            return [0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82] + (content.isEmpty ? [] : block) + [0, 0, 0, 0]
        }

        private static func zstd(_ content: [UInt8], level: CInt) -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(content.count)) { target, count in
                let size = ZSTD_compress(target.baseAddress, target.count, content, content.count, level)
                count = ZSTD_isError(size) == 0 ? size : 0
            }
        }
    }

#endif
