// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Cuts the byte stream into requests: a 32-bit length, then as many bytes.
///
/// A value without I/O. A request that lies whole in one piece of the stream is not copied; room for one that does not
/// is made once, after its length was found acceptable.
struct FrameDecoder {
    struct InvalidLength: Error, CustomStringConvertible {
        var length: Int32
        var limit: Int

        var description: String { "a request of \(length) bytes was announced; 1 to \(limit) are allowed" }
    }

    private static let prefixSize = 4
    /// Fewer bytes than this are copied out of the piece in which they came, so that it can be used again.
    private static let remainderToCopy = 1024

    let limit: Int
    private var unread = ByteBuffer()

    init(limit: Int) { self.limit = limit }

    /// Bytes received that do not make a request yet, its length prefix included.
    var bufferedBytes: Int { unread.readableBytes }

    /// Takes a piece of the stream.
    mutating func receive(_ bytes: ByteBuffer) {
        if unread.readableBytes == 0 {
            unread = bytes
        } else {
            unread.writeImmutableBuffer(bytes)
        }
    }

    /// The length of the next request, as soon as its prefix is there.
    func announcedLength() throws(InvalidLength) -> Int? {
        guard let length = unread.getInteger(at: unread.readerIndex, as: Int32.self) else { return nil }
        guard length > 0, Int(length) <= limit else { throw InvalidLength(length: length, limit: limit) }
        return Int(length)
    }

    /// The next request, whose length was announced; nil while some of it is missing. Makes room for what is missing.
    mutating func next(length: Int) -> ByteBuffer? {
        let missing = Self.prefixSize + length - unread.readableBytes
        guard missing <= 0 else {
            if unread.writableBytes < missing || unread.readerIndex > 0 {
                var room = ByteBuffer()
                room.reserveCapacity(Self.prefixSize + length)
                room.writeImmutableBuffer(unread)
                unread = room
            }
            return nil
        }
        unread.moveReaderIndex(forwardBy: Self.prefixSize)
        return unread.readSlice(length: length)
    }

    /// Lets go of the piece of which almost everything has been used.
    mutating func release() {
        guard unread.readableBytes < Self.remainderToCopy, unread.readerIndex > 0 else { return }
        unread = unread.readableBytes == 0 ? ByteBuffer() : ByteBuffer(bytes: unread.readableBytesView)
    }
}
