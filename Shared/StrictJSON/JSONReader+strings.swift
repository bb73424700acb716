// SPDX-License-Identifier: Apache-2.0

extension JSONReader {
    /// RFC 8259 section 7.
    package mutating func readString() throws(SyntaxError) -> String {
        guard position < count, text[position] == UInt8(ascii: "\"") else { throw failure("expected a string") }
        position += 1
        let start = position
        var escaped = false
        while position < count {
            let byte = text[position]
            if byte == UInt8(ascii: "\"") {
                let raw = UnsafeBufferPointer(start: text + start, count: position - start)
                position += 1
                return try escaped ? unescape(raw, at: start) : decode(raw, at: start)
            }
            guard byte >= 0x20 else { throw failure("a control character in a string must be escaped") }
            if byte == UInt8(ascii: "\\") {
                escaped = true
                position += 1
            }
            position += 1
        }
        position = start - 1
        throw failure("the string that begins here does not end")
    }

    private func decode(_ raw: some Sequence<UInt8>, at offset: Int) throws(SyntaxError) -> String {
        guard let string = String(validating: raw, as: UTF8.self) else {
            throw SyntaxError(offset: offset, message: "the string is not UTF-8")
        }
        return string
    }

    private func unescape(_ raw: UnsafeBufferPointer<UInt8>, at offset: Int) throws(SyntaxError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.count)
        var index = 0
        while index < raw.count {
            guard raw[index] == UInt8(ascii: "\\") else {
                bytes.append(raw[index])
                index += 1
                continue
            }
            guard index + 1 < raw.count else { throw SyntaxError(offset: offset, message: "a lone backslash") }
            let escape = raw[index + 1]
            index += 2
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(escape)
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "u"):
                let scalar = try Self.scalar(in: raw, at: &index, of: offset)
                bytes.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
            default:
                throw SyntaxError(offset: offset + index, message: "no such escape")
            }
        }
        return try decode(bytes, at: offset)
    }

    /// The scalar of `XXXX` or of a surrogate pair `XXXX\uXXXX`.
    private static func scalar(
        in raw: UnsafeBufferPointer<UInt8>, at index: inout Int, of offset: Int
    ) throws(SyntaxError) -> Unicode.Scalar {
        let start = index
        guard let first = hexadecimal(in: raw, at: &index) else {
            throw SyntaxError(offset: offset + start, message: "\\u needs four hexadecimal digits")
        }
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, index + 1 < raw.count, raw[index] == UInt8(ascii: "\\"),
            raw[index + 1] == UInt8(ascii: "u")
        else { throw lone(raw, start, of: offset) }
        index += 2
        guard let second = hexadecimal(in: raw, at: &index), (0xDC00...0xDFFF).contains(second) else {
            throw lone(raw, start, of: offset)
        }
        return Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)).unsafelyUnwrapped
    }

    private static func lone(_ raw: UnsafeBufferPointer<UInt8>, _ start: Int, of offset: Int) -> SyntaxError {
        let digits = String(decoding: raw[start..<start + 4], as: UTF8.self)
        return SyntaxError(
            offset: offset + start,
            message: "\\u\(digits) is one half of a surrogate pair without the other, and stands for no character")
    }

    private static func hexadecimal(in raw: UnsafeBufferPointer<UInt8>, at index: inout Int) -> UInt32? {
        guard index + 4 <= raw.count else { return nil }
        var value: UInt32 = 0
        for byte in raw[index..<index + 4] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        index += 4
        return value
    }
}
