// SPDX-License-Identifier: Apache-2.0

/// Texts as Python's `json.dumps` writes them: everything but printable ASCII is escaped. DVC hashes such texts.
package enum JSONText {
    /// A text in quotes.
    /// - Parameter pairsSurrogates: what is beyond 16 bits as JSON escapes it; otherwise as YAML does, `\UXXXXXXXX`.
    package static func quoted(_ text: String, pairsSurrogates: Bool = true) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case " "..."~": result.unicodeScalars.append(scalar)
            default:
                if !pairsSurrogates && scalar.value > 0xFFFF {
                    result += "\\U" + hexadecimal(scalar.value, digits: 8)
                } else {
                    for unit in String(scalar).utf16 { result += "\\u" + hexadecimal(UInt32(unit), digits: 4) }
                }
            }
        }
        return result + "\""
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }
}
