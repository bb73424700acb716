// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A cursor over UTF-8 JSON text (RFC 8259), for whoever wants each value as its own type without a tree in between: a
/// tensor is most of a body, and a boxed value for each of its numbers would cost more than the prediction.
///
/// It takes the grammar by the letter: no member twice, no half of a surrogate pair, no other encoding.
///
/// The text must outlive the reader and be followed by a zero byte; `withReader` arranges both.
package struct JSONReader {
    /// Where and why the text is not JSON.
    package struct SyntaxError: Error {
        package let offset: Int
        package let message: String

        package init(offset: Int, message: String) {
            self.offset = offset
            self.message = message
        }

        package var description: String { "not JSON at byte \(offset): \(message)" }
    }

    package enum Kind: String {
        case object = "an object"
        case array = "an array"
        case string = "a string"
        case number = "a number"
        case boolean = "a boolean"
        case null = "null"
    }

    /// Deeper nesting is refused, so that a hostile body cannot exhaust the stack.
    package static let maximumDepth = 64

    package let text: UnsafePointer<UInt8>
    package let count: Int
    package var position = 0

    package static func withReader<Result>(
        over bytes: some Sequence<UInt8>, _ body: (inout JSONReader) throws -> Result
    ) rethrows -> Result {
        var terminated = Array(bytes)
        terminated.append(0)
        return try terminated.withUnsafeBufferPointer { buffer in
            // The array holds at least the terminator, so it has a base address.
            var reader = JSONReader(text: buffer.baseAddress.unsafelyUnwrapped, count: buffer.count - 1)
            return try body(&reader)
        }
    }

    /// A reader of the same text at an earlier place, to read a value that was skipped.
    package func rewound(to offset: Int) -> JSONReader {
        var copy = self
        copy.position = offset
        return copy
    }

    package func failure(_ message: String) -> SyntaxError { SyntaxError(offset: position, message: message) }

    package mutating func skipWhitespace() {
        while position < count {
            switch text[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// Kind of the next value, judged by its first byte; the cursor stands on that byte afterwards.
    package mutating func peekKind() throws(SyntaxError) -> Kind {
        skipWhitespace()
        guard position < count else { throw failure("the text ends where a value should be") }
        switch text[position] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "N"), UInt8(ascii: "I"):
            throw failure("NaN and Infinity are not JSON; write null for a missing number")
        default: throw failure("no value begins with this character")
        }
    }

    /// Consumes `character` when it is next.
    package mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipWhitespace()
        guard position < count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    package mutating func expect(_ character: Unicode.Scalar) throws(SyntaxError) {
        guard take(character) else { throw failure("expected '\(character)'") }
    }

    /// Consumes `word` (true, false, null).
    package mutating func expectWord(_ word: StaticString) throws(SyntaxError) {
        let length = word.utf8CodeUnitCount
        guard count - position >= length, memcmp(text + position, word.utf8Start, length) == 0 else {
            throw failure("expected \(word)")
        }
        position += length
    }

    package mutating func expectEnd() throws(SyntaxError) {
        skipWhitespace()
        guard position == count else { throw failure("there is more text after the value") }
    }
}
