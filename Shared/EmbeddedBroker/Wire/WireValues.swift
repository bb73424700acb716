// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The 16 bytes that name one incarnation of a topic; all zero where there is none.
struct TopicID: WireValue, Hashable {
    var high: UInt64 = 0
    var low: UInt64 = 0

    static func random() -> TopicID {
        TopicID(high: .random(in: 1 ... .max), low: .random(in: 1 ... .max))
    }

    mutating func transfer<IO: WireIO>(through io: inout IO) throws { try io.identifier(&self) }
}

extension Int8: WireValue {
    mutating func transfer<IO: WireIO>(through io: inout IO) throws { try io.integer(&self) }
}
extension Int16: WireValue {
    mutating func transfer<IO: WireIO>(through io: inout IO) throws { try io.integer(&self) }
}
extension Int32: WireValue {
    mutating func transfer<IO: WireIO>(through io: inout IO) throws { try io.integer(&self) }
}
extension Int64: WireValue {
    mutating func transfer<IO: WireIO>(through io: inout IO) throws { try io.integer(&self) }
}
extension Double: WireValue {
    mutating func transfer<IO: WireIO>(through io: inout IO) throws { try io.double(&self) }
}

extension Bool: WireValue {
    mutating func transfer<IO: WireIO>(through io: inout IO) throws {
        var byte: Int8 = self ? 1 : 0
        try io.integer(&byte)
        self = byte & 1 == 1
    }
}

extension String: WireValue {
    mutating func transfer<IO: WireIO>(through io: inout IO) throws {
        var value: String? = self
        try io.string(&value, nullable: false)
        self = value ?? ""
    }
}

/// What may be null on the wire.
protocol WireNullable: WireValue {
    static func transfer<IO: WireIO>(nullable value: inout Self?, through io: inout IO) throws
}

extension WireNullable {
    /// As what may be null, and is not; null comes as the default.
    mutating func transfer<IO: WireIO>(through io: inout IO) throws {
        var value: Self? = self
        try Self.transfer(nullable: &value, through: &io)
        self = value ?? Self()
    }
}

extension Optional: WireValue where Wrapped: WireNullable {
    init() { self = nil }

    mutating func transfer<IO: WireIO>(through io: inout IO) throws {
        try Wrapped.transfer(nullable: &self, through: &io)
    }
}

extension String: WireNullable {
    static func transfer<IO: WireIO>(nullable value: inout String?, through io: inout IO) throws {
        try io.string(&value, nullable: true)
    }
}

extension ByteBuffer: WireNullable {
    static func transfer<IO: WireIO>(nullable value: inout ByteBuffer?, through io: inout IO) throws {
        try io.records(&value)
    }
}

extension Array: WireValue where Element: WireValue {
    mutating func transfer<IO: WireIO>(through io: inout IO) throws {
        var value: [Element]? = self
        try io.array(&value, nullable: false)
        self = value ?? []
    }
}

extension Array: WireNullable where Element: WireValue {
    static func transfer<IO: WireIO>(nullable value: inout [Element]?, through io: inout IO) throws {
        try io.array(&value, nullable: true)
    }
}

/// Opaque bytes that a client asked to be kept: a member's metadata, an assignment.
struct Opaque: WireNullable {
    var bytes: [UInt8] = []

    mutating func transfer<IO: WireIO>(through io: inout IO) throws {
        var value: [UInt8]? = bytes
        try io.bytes(&value, nullable: false)
        bytes = value ?? []
    }

    static func transfer<IO: WireIO>(nullable value: inout Opaque?, through io: inout IO) throws {
        var bytes = value?.bytes
        try io.bytes(&bytes, nullable: true)
        value = bytes.map(Opaque.init(bytes:))
    }
}
