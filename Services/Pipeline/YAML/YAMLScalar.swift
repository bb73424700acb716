// SPDX-License-Identifier: Apache-2.0

/// Plain scalars of the core schema (YAML 1.2.2, section 10.3.2): `yes`, `on` and dates are texts.
package enum YAMLScalar {
    /// The value that a scalar without quotes stands for.
    package static func resolve(_ text: String) -> YAMLValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
        default: break
        }
        return number(text) ?? .text(text)
    }

    private static func number(_ text: String) -> YAMLValue? {
        guard let first = text.utf8.first, first < 0x3A else { return nil }
        // Not of the core schema, but DVC takes such numbers, and PyYAML too.
        let plain = text.contains("_") ? text.replacing("_", with: "") : text
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where plain.hasPrefix(prefix) {
            return UInt128(plain.dropFirst(2), radix: radix).map { value in
                Int(exactly: value).map(YAMLValue.integer) ?? .bigInteger("\(value)")
            }
        }
        guard isDecimal(plain) else { return nil }
        return whole(plain) ?? Double(plain).map(YAMLValue.number)
    }

    /// - Returns: nil for a decimal number with a point or an exponent.
    private static func whole(_ text: String) -> YAMLValue? {
        if let value = Int(text) { return .integer(value) }
        let digits = text.drop { $0 == "+" || $0 == "-" }
        guard digits.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
        return .bigInteger((text.hasPrefix("-") ? "-" : "") + digits.drop { $0 == "0" })
    }

    /// Whether the text is `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`.
    private static func isDecimal(_ text: String) -> Bool {
        var rest = Substring(text)
        func skipSign(_ rest: inout Substring) {
            if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
        }
        func skipDigits(_ rest: inout Substring) -> Int {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            rest = rest.dropFirst(digits.count)
            return digits.count
        }
        skipSign(&rest)
        let whole = skipDigits(&rest)
        var fraction = 0
        if rest.first == "." {
            rest = rest.dropFirst()
            fraction = skipDigits(&rest)
        }
        guard whole > 0 || fraction > 0 else { return false }
        if rest.first == "e" || rest.first == "E" {
            rest = rest.dropFirst()
            skipSign(&rest)
            guard skipDigits(&rest) > 0 else { return false }
        }
        return rest.isEmpty
    }
}
