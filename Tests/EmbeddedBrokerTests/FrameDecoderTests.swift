// SPDX-License-Identifier: Apache-2.0

import NIOCore
import TestSupport
import Testing

@testable import EmbeddedBroker

@Suite("Cutting the stream into requests")
struct FrameDecoderTests {
    @Test("However the stream is cut, the same requests come out", arguments: 0..<50 as Range<UInt64>)
    func anyCuts(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let requests = (0..<20).map { _ in
            ByteBuffer(bytes: (0..<Int.random(in: 1...3000, using: &random)).map { UInt8(truncatingIfNeeded: $0) })
        }
        var stream = ByteBuffer()
        for request in requests {
            stream.writeInteger(Int32(request.readableBytes))
            stream.writeImmutableBuffer(request)
        }
        var decoder = FrameDecoder(limit: 3000)
        var found: [ByteBuffer] = []
        while stream.readableBytes > 0 {
            let size = min(
                stream.readableBytes, Int.random(in: 1...Int.random(in: 1...5000, using: &random), using: &random))
            let piece = stream.readSlice(length: size)
            decoder.receive(try #require(piece))
            while let length = try decoder.announcedLength(), let request = decoder.next(length: length) {
                found.append(request)
            }
            decoder.release()
        }
        #expect(found == requests)
        #expect(decoder.bufferedBytes == 0)
    }

    @Test("A length that no request can have is refused", arguments: [0, -1, 11, Int32.max, Int32.min])
    func badLengths(length: Int32) {
        var decoder = FrameDecoder(limit: 10)
        decoder.receive(ByteBuffer(integer: length))
        #expect(throws: FrameDecoder.InvalidLength.self) { try decoder.announcedLength() }
    }

    @Test("A request that lies whole in one piece is not copied")
    func noCopy() throws {
        var piece = ByteBuffer(integer: Int32(8))
        piece.writeInteger(UInt64(7))
        let address = piece.withUnsafeReadableBytes { $0.baseAddress.map { $0 + 4 } }
        var decoder = FrameDecoder(limit: 10)
        decoder.receive(piece)
        let next = decoder.next(length: 8)
        let request = try #require(next)
        #expect(request.withUnsafeReadableBytes { $0.baseAddress.map { UnsafeRawPointer($0) } } == address)
    }
}
