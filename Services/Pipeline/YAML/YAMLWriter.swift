// SPDX-License-Identifier: Apache-2.0

/// Writes YAML in block style.
package struct YAMLWriter {
    private var text = ""

    /// The document of a value.
    package static func write(_ value: YAMLValue) -> String {
        var writer = YAMLWriter()
        switch value {
        case .map(let map) where !map.isEmpty: writer.write(map, indent: 0, startsInline: false)
        case .list(let items) where !items.isEmpty: writer.write(items, indent: 0)
        default: writer.text = inline(value) + "\n"
        }
        return writer.text
    }

    /// A value in one line, as it may stand in any place of a document, for readers of YAML 1.1 and 1.2 alike.
    package static func flow(_ value: YAMLValue) -> String {
        switch value {
        case .number(let number) where number.isFinite:
            // To YAML 1.1 a number without a point is a text when it has an exponent.
            let text = inline(.number(number))
            return text.contains(".") ? text : text.replacing("e", with: ".0e", maxReplacements: 1)
        case .text(let text):
            let isWord = text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "_./-".utf8.contains(byte)
                }
            }
            return isWord && isPlain(text) ? text : JSONText.quoted(text, pairsSurrogates: false)
        case .list(let items): return "[" + items.map(flow).joined(separator: ", ") + "]"
        case .map(let map):
            return "{" + map.entries.map { "\(flow(.text($0.key))): \(flow($0.value))" }.joined(separator: ", ") + "}"
        default: return inline(value)
        }
    }

    private mutating func write(_ map: YAMLMap, indent: Int, startsInline: Bool) {
        for (index, entry) in map.entries.enumerated() {
            if index > 0 || !startsInline { pad(indent) }
            text += Self.inline(.text(entry.key)) + ":"
            switch entry.value {
            case .map(let inner) where !inner.isEmpty:
                text += "\n"
                write(inner, indent: indent + 2, startsInline: false)
            case .list(let items) where !items.isEmpty:
                text += "\n"
                write(items, indent: indent)
            case .null: text += "\n"
            default: text += " \(Self.inline(entry.value))\n"
            }
        }
    }

    private mutating func write(_ items: [YAMLValue], indent: Int) {
        for item in items {
            pad(indent)
            text += "- "
            switch item {
            case .map(let inner) where !inner.isEmpty: write(inner, indent: indent + 2, startsInline: true)
            case .list(let inner) where !inner.isEmpty:
                text += "\n"
                write(inner, indent: indent + 2)
            default: text += "\(Self.inline(item))\n"
            }
        }
    }

    private mutating func pad(_ count: Int) {
        text += String(repeating: " ", count: count)
    }

    private static func inline(_ value: YAMLValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .bigInteger(let digits): digits
        case .number(let value): number(value)
        case .text(let value): isPlain(value) ? value : JSONText.quoted(value, pairsSurrogates: false)
        case .list: "[]"
        case .map: "{}"
        }
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
        return "\(value)"
    }

    /// Whether a text can stand without quotes for readers of YAML 1.1 and 1.2 alike.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, text.utf8.last != UInt8(ascii: " "),
            case .text = YAMLScalar.resolve(text)
        else { return false }
        let isLetterLike = first.properties.isAlphabetic || "/_.$(".unicodeScalars.contains(first)
        let words: Set = ["y", "n", "yes", "no", "on", "off"]
        return isLetterLike && !words.contains(text.lowercased())
            && text.unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 && $0.value < 0x7F }
            && !text.contains(": ") && !text.hasSuffix(":") && !text.contains(" #")
    }
}
