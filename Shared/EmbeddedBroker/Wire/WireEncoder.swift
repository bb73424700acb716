// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Writes a message. Large record batches are not copied: they stay pieces of their own between the written parts.
struct WireEncoder: WireIO {
    /// Records up to this many bytes are cheaper to copy than to send as a buffer of their own.
    private static let copyLimit = 4096

    let version: Int16
    let isFlexible: Bool
    private var finished: [WirePiece] = []
    private var buffer: ByteBuffer

    init(version: Int16, isFlexible: Bool, capacity: Int = 256) {
        self.version = version
        self.isFlexible = isFlexible
        buffer = ByteBuffer()
        buffer.reserveCapacity(capacity)
    }

    /// What was written, in order, and its total size in bytes.
    var output: (pieces: [WirePiece], size: Int) {
        let pieces = finished + [.bytes(buffer)]
        return (pieces, pieces.reduce(0) { $0 + $1.count })
    }

    mutating func message<Message: WireStructure>(_ message: Message) throws {
        try message.write(to: &self)
    }

    mutating func integer<Integer: FixedWidthInteger>(_ value: inout Integer) throws {
        buffer.writeInteger(value)
    }

    mutating func double(_ value: inout Double) throws {
        buffer.writeInteger(value.bitPattern)
    }

    mutating func identifier(_ value: inout TopicID) throws {
        buffer.writeInteger(value.high)
        buffer.writeInteger(value.low)
    }

    mutating func string(_ value: inout String?, nullable: Bool) throws {
        guard let value else { return try writeNull(prefix: Int16.self, nullable: nullable) }
        let count = value.utf8.count
        // The classic prefix is 16 bits in every version, so longer text is refused in both encodings.
        guard count <= Int(Int16.max) else { throw WireError.invalidLength(count) }
        writeLength(count, prefix: Int16.self)
        buffer.writeString(value)
    }

    mutating func bytes(_ value: inout [UInt8]?, nullable: Bool) throws {
        guard let value else { return try writeNull(prefix: Int32.self, nullable: nullable) }
        writeLength(value.count, prefix: Int32.self)
        buffer.writeBytes(value)
    }

    mutating func records(_ value: inout ByteBuffer?) throws {
        guard let value else { return try writeNull(prefix: Int32.self, nullable: true) }
        writeLength(value.readableBytes, prefix: Int32.self)
        if value.readableBytes <= Self.copyLimit {
            buffer.writeImmutableBuffer(value)
        } else {
            insert(.bytes(value))
        }
    }

    mutating func batches(_ value: inout WirePiece?) throws {
        guard case .stored(let range) = value else {
            var bytes = value?.bytes
            return try records(&bytes)
        }
        writeLength(range.count, prefix: Int32.self)
        insert(.stored(range))
    }

    private mutating func insert(_ piece: WirePiece) {
        finished.append(.bytes(buffer))
        finished.append(piece)
        buffer = ByteBuffer()
    }

    mutating func array<Element: WireValue>(_ value: inout [Element]?, nullable: Bool) throws {
        guard let value else { return try writeNull(prefix: Int32.self, nullable: nullable) }
        writeLength(value.count, prefix: Int32.self)
        for var element in value {
            try element.transfer(through: &self)
        }
    }

    mutating func endStructure() throws {
        if isFlexible { writeUnsignedVarint(0) }
    }

    private mutating func writeNull<Prefix: FixedWidthInteger & SignedInteger>(
        prefix: Prefix.Type, nullable: Bool
    ) throws {
        guard nullable else { throw WireError.unexpectedNull }
        writeLength(-1, prefix: prefix)
    }

    private mutating func writeLength<Prefix: FixedWidthInteger & SignedInteger>(_ length: Int, prefix: Prefix.Type) {
        if isFlexible {
            writeUnsignedVarint(UInt32(length + 1))
        } else {
            buffer.writeInteger(Prefix(length))
        }
    }

    private mutating func writeUnsignedVarint(_ value: UInt32) {
        var rest = value
        while rest > 0x7F {
            buffer.writeInteger(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        buffer.writeInteger(UInt8(rest))
    }
}
