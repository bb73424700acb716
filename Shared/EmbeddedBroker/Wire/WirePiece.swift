// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A part of a message: bytes in memory, or a range of a log's file, which the system sends without our reading it.
enum WirePiece: WireNullable {
    case bytes(ByteBuffer)
    case stored(FileRange)

    init() { self = .bytes(ByteBuffer()) }

    /// In bytes.
    var count: Int {
        switch self {
        case .bytes(let bytes): bytes.readableBytes
        case .stored(let range): range.count
        }
    }

    /// Nil where they are in a file.
    var bytes: ByteBuffer? {
        guard case .bytes(let bytes) = self else { return nil }
        return bytes
    }

    /// All of it, in memory.
    func read() throws(StorageError) -> ByteBuffer {
        switch self {
        case .bytes(let bytes): bytes
        case .stored(let range): try range.read()
        }
    }

    static func transfer<IO: WireIO>(nullable value: inout WirePiece?, through io: inout IO) throws {
        try io.batches(&value)
    }
}
