// SPDX-License-Identifier: Apache-2.0

/// What a content type says.
///
/// Source: https://www.rfc-editor.org/rfc/rfc2045#section-5.1
public struct MediaType: Sendable, Equatable {
    /// Type and subtype in lower case: `application/json`.
    public let essence: String

    /// Whether data of this type is a JSON document.
    public var isJSON: Bool { essence.hasSuffix("/json") || essence.hasSuffix("+json") }

    /// Reads `type/subtype; name=value; ...`; nil when it is something else.
    public init?(_ text: String) {
        var rest = text.utf8[...]
        guard let type = Self.token(&rest), rest.popFirst() == UInt8(ascii: "/"), let subtype = Self.token(&rest) else {
            return nil
        }
        Self.skipSpace(&rest)
        while rest.first == UInt8(ascii: ";") {
            rest.removeFirst()
            Self.skipSpace(&rest)
            // Some write a semicolon behind the last parameter too.
            if rest.isEmpty { break }
            guard Self.token(&rest) != nil, rest.popFirst() == UInt8(ascii: "="), Self.value(&rest) else { return nil }
            Self.skipSpace(&rest)
        }
        guard rest.isEmpty else { return nil }
        essence = "\(type)/\(subtype)".lowercased()
    }

    private static func token(_ rest: inout Substring.UTF8View) -> Substring? {
        let token = rest.prefix { (0x21...0x7E).contains($0) && !"()<>@,;:\\\"/[]?=".utf8.contains($0) }
        rest = rest[token.endIndex...]
        return token.isEmpty ? nil : Substring(token)
    }

    private static func value(_ rest: inout Substring.UTF8View) -> Bool {
        guard rest.first == UInt8(ascii: "\"") else { return token(&rest) != nil }
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return true }
            if byte == UInt8(ascii: "\\"), rest.popFirst() == nil { return false }
        }
        return false
    }

    private static func skipSpace(_ rest: inout Substring.UTF8View) {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
    }
}
