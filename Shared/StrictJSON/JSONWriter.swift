// SPDX-License-Identifier: Apache-2.0

/// Appends compact JSON to a byte array. Callers write names and values in order; the writer places the commas.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init() {}

    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        nest(open: "{", close: "}", body)
    }

    package mutating func array(_ body: (inout JSONWriter) -> Void) {
        nest(open: "[", close: "]", body)
    }

    /// Begins a member; its value must follow.
    package mutating func name(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func member(_ name: String, _ value: String?) {
        guard let value else { return }
        self.name(name)
        string(value)
    }

    package mutating func string(_ value: String) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x00..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.digits[Int(byte >> 4)])
                bytes.append(Self.digits[Int(byte & 15)])
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }
    package mutating func integer(_ value: some BinaryInteger) { literal(String(value)) }

    /// Shortest decimal that reads back as the same number; `null` for what JSON cannot say.
    package mutating func number(_ value: some BinaryFloatingPoint & CustomStringConvertible) {
        literal(value.isFinite ? value.description : "null")
    }

    /// A number in a text of its own, which must follow JSON's grammar.
    package mutating func number(text: String) { literal(text) }

    package mutating func null() { literal("null") }

    private mutating func literal(_ text: String) {
        comma()
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func nest(open: Unicode.Scalar, close: Unicode.Scalar, _ body: (inout JSONWriter) -> Void) {
        comma()
        bytes.append(UInt8(ascii: open))
        needsComma = false
        body(&self)
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
