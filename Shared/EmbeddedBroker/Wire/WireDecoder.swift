// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Reads a message from bytes that a stranger sent.
///
/// No length is trusted: nothing is allocated for bytes that are not there, and the number of array elements in a
/// message is bounded, because a small element on the wire can be a large one in memory.
struct WireDecoder: WireIO {
    static let maximumElements = 100_000

    private(set) var buffer: ByteBuffer
    let version: Int16
    let isFlexible: Bool
    private let maximumElements: Int
    private var elementsLeft: Int

    init(
        _ buffer: ByteBuffer, version: Int16, isFlexible: Bool, maximumElements: Int = WireDecoder.maximumElements
    ) {
        self.buffer = buffer
        self.version = version
        self.isFlexible = isFlexible
        self.maximumElements = maximumElements
        elementsLeft = maximumElements
    }

    /// Decodes the rest of the bytes as one message; bytes that remain are an error.
    mutating func message<Message: WireStructure>(_: Message.Type = Message.self) throws -> Message {
        let message: Message = try request()
        guard buffer.readableBytes == 0 else { throw WireError.trailingBytes(buffer.readableBytes) }
        return message
    }

    /// Decodes a client's message. Like Kafka it leaves alone what follows: librdkafka 2.15 puts three more bytes
    /// behind a question for all topics.
    mutating func request<Message: WireStructure>(_: Message.Type = Message.self) throws -> Message {
        try Message(from: &self)
    }

    mutating func integer<Integer: FixedWidthInteger>(_ value: inout Integer) throws {
        guard let read = buffer.readInteger(as: Integer.self) else { throw truncated(Integer.bitWidth / 8) }
        value = read
    }

    mutating func double(_ value: inout Double) throws {
        var bits: UInt64 = 0
        try integer(&bits)
        value = Double(bitPattern: bits)
    }

    mutating func identifier(_ value: inout TopicID) throws {
        try integer(&value.high)
        try integer(&value.low)
    }

    mutating func string(_ value: inout String?, nullable: Bool) throws {
        guard let length = try length(prefix: Int16.self, nullable: nullable) else {
            value = nil
            return
        }
        // The compact encoding could say more, but no text is longer than the classic one can say.
        guard length <= Int(Int16.max) else { throw WireError.invalidLength(length) }
        guard let slice = buffer.readSlice(length: length) else { throw truncated(length) }
        guard let text = String(validating: slice.readableBytesView, as: UTF8.self) else {
            throw WireError.invalidText
        }
        value = text
    }

    mutating func bytes(_ value: inout [UInt8]?, nullable: Bool) throws {
        guard let length = try length(prefix: Int32.self, nullable: nullable) else {
            value = nil
            return
        }
        guard let bytes = buffer.readBytes(length: length) else { throw truncated(length) }
        value = bytes
    }

    mutating func records(_ value: inout ByteBuffer?) throws {
        guard let length = try length(prefix: Int32.self, nullable: true) else {
            value = nil
            return
        }
        guard let slice = buffer.readSlice(length: length) else { throw truncated(length) }
        value = slice
    }

    mutating func array<Element: WireValue>(_ value: inout [Element]?, nullable: Bool) throws {
        guard let count = try length(prefix: Int32.self, nullable: nullable) else {
            value = nil
            return
        }
        // Every element takes at least a byte.
        guard count <= buffer.readableBytes else { throw truncated(count) }
        guard count <= elementsLeft else { throw WireError.tooManyElements(limit: maximumElements) }
        elementsLeft -= count
        var elements: [Element] = []
        for _ in 0..<count {
            var element = Element()
            try element.transfer(through: &self)
            elements.append(element)
        }
        value = elements
    }

    mutating func endStructure() throws {
        guard isFlexible else { return }
        for _ in 0..<(try unsignedVarint()) {
            _ = try unsignedVarint()
            let size = Int(try unsignedVarint())
            guard size <= buffer.readableBytes else { throw truncated(size) }
            buffer.moveReaderIndex(forwardBy: size)
        }
    }

    /// A length in the prefix of the encoding in use; nil is null.
    private mutating func length<Prefix: FixedWidthInteger & SignedInteger>(
        prefix: Prefix.Type, nullable: Bool
    ) throws -> Int? {
        let length: Int
        if isFlexible {
            length = Int(try unsignedVarint()) - 1
        } else {
            var prefix: Prefix = 0
            try integer(&prefix)
            length = Int(prefix)
        }
        guard length >= -1 else { throw WireError.invalidLength(length) }
        guard length >= 0 else {
            guard nullable else { throw WireError.unexpectedNull }
            return nil
        }
        return length
    }

    private mutating func unsignedVarint() throws -> UInt32 {
        var result: UInt32 = 0
        for shift in stride(from: UInt32(0), through: 28, by: 7) {
            guard let byte = buffer.readInteger(as: UInt8.self) else { throw truncated(1) }
            if shift == 28, byte > 0x0F { throw WireError.varintTooLong }
            result |= UInt32(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return result }
        }
        throw WireError.varintTooLong
    }

    private func truncated(_ needed: Int) -> WireError {
        .truncated(needed: needed, available: buffer.readableBytes)
    }
}
