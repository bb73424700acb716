// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A number in the text, converted only when its type is known.
package struct JSONNumber {
    package let start: UnsafePointer<UInt8>
    package let length: Int
    /// Without fraction and exponent.
    package let isInteger: Bool

    /// Nearest double; an infinity when the number is out of range.
    /// `strtod` rounds correctly and sees the point as ".": no process of this suite calls `setlocale`.
    package var double: Double { strtod(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self), nil) }

    package var int64: Int64? { isInteger ? Int64(text) : nil }
    package var uint64: UInt64? { isInteger ? UInt64(text) : nil }

    package var text: String {
        String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self)
    }
}

extension JSONReader {
    package mutating func readBool() throws(SyntaxError) -> Bool {
        if position < count, text[position] == UInt8(ascii: "t") {
            try expectWord("true")
            return true
        }
        try expectWord("false")
        return false
    }

    package mutating func readNull() throws(SyntaxError) {
        try expectWord("null")
    }

    /// RFC 8259 section 6: -? int frac? exp?
    package mutating func readNumber() throws(SyntaxError) -> JSONNumber {
        let start = position
        var isInteger = true
        if position < count, text[position] == UInt8(ascii: "-") { position += 1 }
        let firstDigit = position
        try skipDigits()
        if text[firstDigit] == UInt8(ascii: "0"), position > firstDigit + 1 {
            throw failure("a number has no leading zeros")
        }
        if position < count, text[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try skipDigits()
        }
        if position < count, text[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if position < count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            try skipDigits()
        }
        return JSONNumber(start: text + start, length: position - start, isInteger: isInteger)
    }

    private mutating func skipDigits() throws(SyntaxError) {
        let start = position
        while position < count, text[position] &- UInt8(ascii: "0") <= 9 { position += 1 }
        guard position > start else { throw failure("expected a digit") }
    }

    /// Calls `body` for each member, with the cursor on the member's value, which `body` must consume.
    package mutating func forEachMember(
        _ body: (inout JSONReader, String) throws -> Void
    ) throws {
        try expect("{")
        if take("}") { return }
        var names: Set<String> = []
        repeat {
            skipWhitespace()
            let name = try readString()
            guard names.insert(name).inserted else { throw failure("the member \"\(name)\" is there twice") }
            try expect(":")
            skipWhitespace()
            try body(&self, name)
        } while take(",")
        try expect("}")
    }

    /// Calls `body` for each element, with the cursor on the element, which `body` must consume.
    package mutating func forEachElement(
        _ body: (inout JSONReader) throws -> Void
    ) throws {
        try expect("[")
        if take("]") { return }
        repeat {
            skipWhitespace()
            try body(&self)
        } while take(",")
        try expect("]")
    }

    /// Consumes one value of any kind and checks its syntax.
    package mutating func skipValue(depth: Int = 0) throws {
        guard depth < Self.maximumDepth else { throw failure("nested deeper than \(Self.maximumDepth) levels") }
        switch try peekKind() {
        case .object: try forEachMember { reader, _ in try reader.skipValue(depth: depth + 1) }
        case .array: try forEachElement { reader in try reader.skipValue(depth: depth + 1) }
        case .string: _ = try readString()
        case .number: _ = try readNumber()
        case .boolean: _ = try readBool()
        case .null: try readNull()
        }
    }
}
