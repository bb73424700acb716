// SPDX-License-Identifier: Apache-2.0

/// Whether a text is a URI or a reference to one.
///
/// Source: https://www.rfc-editor.org/rfc/rfc3986#appendix-A
enum URIReference {
    /// What is wrong with the text as a URI-reference, which may be relative; nil when it is one.
    static func fault(in text: String) -> String? {
        if text.isEmpty { return "is empty" }
        var rest = Array(text.utf8)[...]
        if let bad = badCharacter(in: text) { return "holds \(bad)" }
        guard hasWholeEscapes(rest) else { return "holds a \"%\" without two hexadecimal digits behind it; write %25" }
        if let hash = rest.firstIndex(of: UInt8(ascii: "#")) {
            if rest[(hash + 1)...].contains(where: { $0 == UInt8(ascii: "#") || isBracket($0) }) {
                return "holds a character in its fragment that must be percent-encoded"
            }
            rest = rest[..<hash]
        }
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")), !rest[..<colon].contains(where: endsSegment) {
            guard isScheme(rest[..<colon]) else { return "begins with no scheme; write ./ before a name with a colon" }
            rest = rest[(colon + 1)...]
        }
        guard rest.starts(with: "//".utf8) else { return brackets(rest) }
        let authority = rest.dropFirst(2).prefix { !endsSegment($0) }
        return self.fault(ofAuthority: authority) ?? brackets(rest[authority.endIndex...])
    }

    /// What is wrong with the text as a URI, which names its scheme; nil when it is one.
    static func fault(inAbsolute text: String) -> String? {
        if let fault = fault(in: text) { return fault }
        let scheme = text.utf8.prefix { $0 != UInt8(ascii: ":") }
        return scheme.count < text.utf8.count && isScheme(Array(scheme)[...])
            ? nil : "names no scheme, as https: is one"
    }

    /// A character that no URI has in its own form, in words.
    private static func badCharacter(in text: String) -> String? {
        let bad = text.unicodeScalars.first { scalar in
            guard scalar.isASCII else { return true }
            switch UInt8(ascii: scalar) {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                return false
            case let byte: return !"-._~:/?#[]@!$&'()*+,;=%".utf8.contains(byte)
            }
        }
        return bad.map { bad in
            bad == " " ? "a space; write %20" : "the character U+\(bad.hexadecimal), which must be percent-encoded"
        }
    }

    private static func hasWholeEscapes(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.indices.allSatisfy { index in
            bytes[index] != UInt8(ascii: "%")
                || index + 2 < bytes.endIndex && bytes[index + 1...index + 2].allSatisfy(isHexadecimal)
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    private static func endsSegment(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") }

    private static func isBracket(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") }

    private static func isScheme(_ bytes: ArraySlice<UInt8>) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
        guard let first = bytes.first, isLetter(first) else { return false }
        return bytes.allSatisfy {
            isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || "+-.".utf8.contains($0)
        }
    }

    /// Square brackets stand around the number of a host, and nowhere else.
    private static func brackets(_ rest: ArraySlice<UInt8>) -> String? {
        rest.contains(where: isBracket) ? "holds square brackets outside its host; write %5B and %5D" : nil
    }

    private static func fault(ofAuthority authority: ArraySlice<UInt8>) -> String? {
        var host = authority
        if let at = host.lastIndex(of: UInt8(ascii: "@")) {
            if host[..<at].contains(where: { isBracket($0) || $0 == UInt8(ascii: "@") }) {
                return "names a user with characters that must be percent-encoded"
            }
            host = host[(at + 1)...]
        }
        if host.first == UInt8(ascii: "["), let end = host.firstIndex(of: UInt8(ascii: "]")) {
            let inside = host[(host.startIndex + 1)..<end]
            if inside.isEmpty || inside.contains(where: isBracket) { return "has no address between [ and ]" }
            host = host[(end + 1)...]
            if let first = host.first, first != UInt8(ascii: ":") { return "has something between ] and the port" }
        }
        if let fault = brackets(host) { return fault }
        let port = host.drop { $0 != UInt8(ascii: ":") }.dropFirst()
        let isNumber = port.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return isNumber ? nil : "has a port that is no number"
    }
}
