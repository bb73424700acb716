// SPDX-License-Identifier: Apache-2.0

import StrictJSON

extension JSONValue {
    /// How many values may stand inside each other. It leaves room for what a request is put into on its way.
    public static let maximumDepth = 64

    /// Reads a document as it was sent, or refuses it: what cannot be carried on exactly is not taken.
    /// - Throws: `Refusal` saying where it is no JSON, or which of its numbers nobody could read again.
    public static func parse(_ bytes: some Sequence<UInt8>) throws(Refusal) -> JSONValue {
        try parse(bytes, maximumDepth: maximumDepth)
    }

    /// Whether it is JSON at all, whatever can be made of it.
    public static func isJSON(_ bytes: some Sequence<UInt8>) -> Bool {
        let end: Void? = try? JSONReader.withReader(over: bytes) { reader throws in
            try reader.skipValue()
            try reader.expectEnd()
        }
        return end != nil
    }

    /// Reads a document of which only the depth may be in question.
    static func parse(_ bytes: some Sequence<UInt8>, maximumDepth: Int) throws(Refusal) -> JSONValue {
        let text = Array(bytes)
        // RFC 8259 lets a reader pass over a byte order mark, which some shells write into files.
        let body = text.starts(with: [0xEF, 0xBB, 0xBF]) ? text[3...] : text[...]
        var tree = JSONTree(maximumDepth: maximumDepth)
        let value: JSONValue
        do {
            value = try JSONReader.withReader(over: body) { reader throws -> JSONValue in
                let value = try tree.value(&reader, depth: 0)
                try reader.expectEnd()
                return value
            }
        } catch let error as JSONReader.SyntaxError {
            throw Refusal([Problem(explain(error, in: body), at: tree.place)])
        } catch {
            throw Refusal("\(error)")
        }
        guard tree.problems.isEmpty else { throw Refusal(tree.problems) }
        return value
    }

    private static func explain(_ error: JSONReader.SyntaxError, in body: ArraySlice<UInt8>) -> String {
        if body.isEmpty { return "there is nothing, and it should be JSON" }
        guard String(validating: body, as: UTF8.self) != nil else {
            return "not JSON: it is not UTF-8, the only encoding that JSON has; write it in UTF-8"
        }
        return error.description
    }
}

/// Builds the tree of a document, and remembers where it is.
private struct JSONTree {
    let maximumDepth: Int
    private(set) var problems: [Problem] = []
    private var steps: [String] = []

    init(maximumDepth: Int) { self.maximumDepth = maximumDepth }

    /// Where the last value was that was begun and not ended.
    var place: JSONPointer { JSONPointer(steps) }

    mutating func value(_ reader: inout JSONReader, depth: Int) throws -> JSONValue {
        guard depth <= maximumDepth else {
            throw reader.failure("nested more than \(maximumDepth) levels deep")
        }
        switch try reader.peekKind() {
        case .null:
            try reader.readNull()
            return .null
        case .boolean: return .bool(try reader.readBool())
        case .string: return .string(try reader.readString())
        case .number: return .number(number(try reader.readNumber()))
        case .array:
            var items: [JSONValue] = []
            try reader.forEachElement { reader in
                steps.append(String(items.count))
                items.append(try value(&reader, depth: depth + 1))
                steps.removeLast()
            }
            return .array(items)
        case .object:
            var members: [String: JSONValue] = [:]
            try reader.forEachMember { reader, name in
                steps.append(name)
                members[name] = try value(&reader, depth: depth + 1)
                steps.removeLast()
            }
            return .object(members)
        }
    }

    private mutating func number(_ read: JSONNumber) -> JSONValue.Number {
        let number = JSONValue.Number(read: read)
        let most = JSONValue.Number.maximumLength
        if read.length > most {
            note("a number of \(read.length) characters, and at most \(most) are taken: send it as a string")
        } else if number.double == nil {
            note("\(number) is beyond what a floating-point number holds: send one that fits, or a string")
        }
        return number
    }

    private mutating func note(_ message: String) {
        if problems.count <= Refusal.most { problems.append(Problem(message, at: place)) }
    }
}
