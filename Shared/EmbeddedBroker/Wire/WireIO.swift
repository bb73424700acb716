// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// One pass over a message: a decoder fills the fields, an encoder writes them, a test's generator invents them.
///
/// A message describes itself once, field by field, against this protocol; every direction follows that description.
protocol WireIO {
    /// The version of the API that the message is carried in.
    var version: Int16 { get }

    mutating func integer<Integer: FixedWidthInteger>(_ value: inout Integer) throws
    mutating func double(_ value: inout Double) throws
    mutating func identifier(_ value: inout TopicID) throws
    mutating func string(_ value: inout String?, nullable: Bool) throws
    /// Bytes that outlive the request; a decoder copies them.
    mutating func bytes(_ value: inout [UInt8]?, nullable: Bool) throws
    /// Record batches, passed on without a copy.
    mutating func records(_ value: inout ByteBuffer?) throws
    /// Record batches that may be stored in a file.
    mutating func batches(_ value: inout WirePiece?) throws
    mutating func array<Element: WireValue>(_ value: inout [Element]?, nullable: Bool) throws
    /// The tagged fields that end every structure of a flexible version. None is understood, all are skipped.
    mutating func endStructure() throws
}

extension WireIO {
    mutating func batches(_ value: inout WirePiece?) throws {
        var bytes = value?.bytes
        try records(&bytes)
        value = bytes.map(WirePiece.bytes)
    }

    /// A row of a message's description: the next field on the wire, in the versions that have it.
    ///
    /// Elsewhere the field keeps its default when decoding and is left out when encoding.
    mutating func field<Value: WireValue>(
        _ value: inout Value, since first: Int16 = 0, until last: Int16 = .max
    ) throws {
        if version >= first, version <= last {
            try value.transfer(through: &self)
        }
    }
}

/// What can be a field.
protocol WireValue: Equatable, Sendable {
    init()
    mutating func transfer<IO: WireIO>(through io: inout IO) throws
}

/// A group of fields: a message, or a part of one.
///
/// Reading and writing are demands of their own, so that each message has them compiled for itself: who calls them
/// knows a message only by its protocol, and what is generic costs as much there as all else that a small request does.
protocol WireStructure: WireValue {
    /// Lists the fields in wire order.
    mutating func describe<IO: WireIO>(_ io: inout IO) throws
    init(from decoder: inout WireDecoder) throws
    func write(to encoder: inout WireEncoder) throws
}

extension WireStructure {
    mutating func transfer<IO: WireIO>(through io: inout IO) throws {
        try describe(&io)
        try io.endStructure()
    }

    init(from decoder: inout WireDecoder) throws {
        self.init()
        try transfer(through: &decoder)
    }

    func write(to encoder: inout WireEncoder) throws {
        var message = self
        try message.transfer(through: &encoder)
    }
}
