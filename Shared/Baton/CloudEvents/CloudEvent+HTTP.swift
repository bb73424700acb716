// SPDX-License-Identifier: Apache-2.0

/// The HTTP binding in binary mode: attributes in headers, data in the body.
///
/// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
extension CloudEvent {
    /// What the names of headers with attributes begin with.
    public static let httpPrefix = "ce-"

    /// The headers of binary mode; the body is `data`.
    public var httpHeaders: [(name: String, value: String)] {
        kafkaHeaders.map { header in
            let (name, value) = (header.name, String(decoding: header.value, as: UTF8.self))
            guard name.hasPrefix("ce_") else { return (name, value) }
            return (Self.httpPrefix + name.dropFirst("ce_".count), HeaderText.encoded(value))
        }
    }

    /// Reads a request in binary mode.
    /// - Parameter headers: In the order of the request, by lower-case name.
    /// - Throws: `Refusal` with every problem found.
    public init(httpHeaders headers: [(name: String, value: String)], body: [UInt8]) throws(Refusal) {
        var problems: [Problem] = []
        let plain = headers.map { name, value -> (name: String, value: String?) in
            // What is not UTF-8 was replaced when the header was read.
            if value.contains("\u{FFFD}") { return (name, nil) }
            guard name.hasPrefix(Self.httpPrefix) else { return (name, value) }
            if let text = HeaderText.decoded(value) { return (name, text) }
            problems.append(
                Problem(
                    "the header \(name) is not percent-encoded UTF-8: a \"%\" is written %25",
                    at: .root / String(name.dropFirst(Self.httpPrefix.count))))
            return (name, "")
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        try self.init(binary: plain, prefix: Self.httpPrefix, data: body)
    }
}

/// The value of an attribute as a header carries it.
enum HeaderText {
    /// Percent-encodes whatever a header cannot carry.
    static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if (0x21...0x7E).contains(byte), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "%") {
                bytes.append(byte)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                bytes += Array("%\(byte < 16 ? "0" : "")\(digits)".utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Takes quotes away, then percent-encoding, once; nil when that leaves no text.
    static func decoded(_ value: String) -> String? {
        var bytes: [UInt8] = []
        var rest = unquoted(value)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let digits = String(validating: rest.prefix(2), as: UTF8.self),
                digits.allSatisfy(\.isHexDigit), let code = UInt8(digits, radix: 16)
            else { return nil }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Older senders put a value in quotes.
    private static func unquoted(_ value: String) -> [UInt8] {
        let bytes = Array(value.utf8)
        let quote = UInt8(ascii: "\"")
        guard bytes.count >= 2, bytes.first == quote, bytes.last == quote else { return bytes }
        var result: [UInt8] = []
        var rest = bytes.dropFirst().dropLast()
        while let byte = rest.popFirst() {
            result.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
        }
        return result
    }
}
