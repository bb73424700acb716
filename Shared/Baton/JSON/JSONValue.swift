// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// Any JSON value, kept as it came: a number is its text.
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Number)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// A number in the text in which it was written, so that nothing of it is lost on its way: neither the digits of a
    /// large integer nor the point that makes `1.0` another kind of number than `1`.
    ///
    /// Numbers are equal when their texts are: `1`, `1.0` and `1e0` are three.
    public struct Number: Sendable, Hashable, CustomStringConvertible {
        /// The longest text that is taken.
        public static let maximumLength = 100

        /// As RFC 8259 allows it.
        public let text: String

        /// Whether it has neither a fraction nor an exponent.
        public var isInteger: Bool { !text.utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") } }

        /// Its value; nil when it is no integer, or one that does not fit.
        public var int: Int? { isInteger ? Int(text) : nil }

        /// The nearest floating-point number; nil when it is beyond them: infinite, or nothing left of it.
        public var double: Double? {
            guard let value = Double(text), value.isFinite else { return nil }
            let digits = text.prefix { $0 != "e" && $0 != "E" }
            return value == 0 && digits.contains { ("1"..."9").contains($0) } ? nil : value
        }

        public var description: String { text }

        /// - Returns: Nil unless the text is a number of JSON's grammar, and no longer than `maximumLength`.
        public init?(_ text: String) {
            guard text.utf8.count <= Self.maximumLength, case .number(let number)? = try? JSONValue.parse(text.utf8),
                number.text == text
            else { return nil }
            self = number
        }

        /// An integer.
        public init(_ value: Int) { text = String(value) }

        init(read: JSONNumber) { text = read.text }
    }

    /// Its bytes, with sorted keys.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .number(let value): writer.number(text: value.text)
        case .string(let value): writer.string(value)
        case .array(let items): writer.array { writer in for item in items { item.write(to: &writer) } }
        case .object(let members):
            writer.object { writer in
                for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                    writer.name(name)
                    member.write(to: &writer)
                }
            }
        }
    }

    /// What it is, for messages.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// What is at a place; nil when there is nothing.
    func value(at steps: some Sequence<CodingStep>) -> JSONValue? {
        steps.reduce(self) { value, step in
            switch value {
            case .object(let members): members[step.name]
            case .array(let items): step.index.flatMap { items.indices.contains($0) ? items[$0] : nil }
            default: nil
            }
        }
    }

    /// A place in words that JSON pointers have.
    func pointer(to steps: [CodingStep]) -> JSONPointer {
        let names = steps.indices.map { index in
            if case .array = value(at: steps[..<index]), let item = steps[index].index { return String(item) }
            return steps[index].name
        }
        return JSONPointer(names)
    }

    /// Puts a value where there is one already.
    mutating func put(_ new: JSONValue, at steps: ArraySlice<CodingStep>) {
        guard let step = steps.first else {
            self = new
            return
        }
        switch self {
        case .object(var members):
            self = .null
            members[step.name]?.put(new, at: steps.dropFirst())
            self = .object(members)
        case .array(var items):
            guard let index = step.index, items.indices.contains(index) else { return }
            self = .null
            items[index].put(new, at: steps.dropFirst())
            self = .array(items)
        default: return
        }
    }
}

extension JSONValue.Number: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    public init(integerLiteral value: Int) { self.init(value) }

    /// In the shortest text that reads back as the same number.
    public init(floatLiteral value: Double) {
        precondition(value.isFinite, "JSON has no number for \(value)")
        text = value.description
    }
}
