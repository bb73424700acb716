// SPDX-License-Identifier: Apache-2.0

/// Plain scalars of the core schema (YAML 1.2.2, section 10.3.2): `yes`, `on` and dates are texts.
enum YAMLScalar {
    static func resolve(_ text: String) -> YAMLValue {
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
        if text.hasPrefix("0x"), let value = Int(text.dropFirst(2), radix: 16) { return .integer(value) }
        if text.hasPrefix("0o"), let value = Int(text.dropFirst(2), radix: 8) { return .integer(value) }
        guard let first = text.utf8.first, first < 0x3A, isDecimal(text) else { return nil }
        return Int(text).map(YAMLValue.integer) ?? Double(text).map(YAMLValue.number)
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
