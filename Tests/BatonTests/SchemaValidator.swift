// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import Baton

/// The schemas of `docs/events`, by file name.
struct SchemaLibrary: Sendable {
    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let directory = package.appending(path: "docs/events")
    static let suffix = ".schema.json"
    static let definitions = "definitions" + suffix

    let files: [String: JSONValue]

    static func load() throws -> SchemaLibrary {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(suffix) }
        let files = try names.map { name in
            (name, try JSONValue.parse(Array(Data(contentsOf: directory.appending(path: name)))))
        }
        return SchemaLibrary(files: Dictionary(uniqueKeysWithValues: files))
    }

    /// The schema of an event type.
    func schema(of type: String) throws -> SchemaNode { try node(type + Self.suffix, []) }

    /// The schema at a reference, as seen from a file.
    func follow(_ reference: String, from file: String) throws -> SchemaNode {
        let parts = reference.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
        let pointer = parts.count > 1 ? parts[1].split(separator: "/").map(String.init) : []
        return try node(parts[0].isEmpty ? file : parts[0], pointer)
    }

    private func node(_ file: String, _ pointer: [String]) throws -> SchemaNode {
        guard var value = files[file] else { throw SchemaFault(description: "there is no \(file)") }
        for step in pointer {
            guard case .object(let members) = value, let next = members[step] else {
                throw SchemaFault(description: "\(file) has no /\(pointer.joined(separator: "/"))")
            }
            value = next
        }
        return SchemaNode(file: file, pointer: pointer, value: value)
    }
}

/// A schema, and where it stands.
struct SchemaNode {
    let file: String
    let pointer: [String]
    let value: JSONValue

    var location: String { "\(file)#/\(pointer.joined(separator: "/"))" }

    func child(_ steps: [String], _ value: JSONValue) -> SchemaNode {
        SchemaNode(file: file, pointer: pointer + steps, value: value)
    }

    /// The members of the schema; none for the schemas `true` and `false`.
    var members: [String: JSONValue] {
        if case .object(let members) = value { members } else { [:] }
    }

    /// The schemas directly below this one.
    var children: [SchemaNode] {
        members.sorted { $0.key < $1.key }.flatMap { key, value -> [SchemaNode] in
            switch (key, value) {
            case ("properties", .object(let named)), ("$defs", .object(let named)):
                named.sorted { $0.key < $1.key }.map { child([key, $0.key], $0.value) }
            case ("oneOf", .array(let branches)):
                branches.enumerated().map { child([key, String($0.offset)], $0.element) }
            case ("items", _), ("additionalProperties", _): [child([key], value)]
            default: []
            }
        }
    }

    /// The texts of a list under a keyword.
    func texts(_ keyword: String) -> [String] {
        guard case .array(let items)? = members[keyword] else { return [] }
        return items.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    /// The names of the members that objects may have.
    var properties: Set<String> {
        if case .object(let named)? = members["properties"] { Set(named.keys) } else { [] }
    }
}

/// A schema is wrong, or says more than the validator understands.
struct SchemaFault: Error, CustomStringConvertible {
    let description: String
}

/// An object that was validated: where it is in the sample, what it had, and the schema that describes it.
struct SeenObject {
    let path: [JSONStep]
    let schema: SchemaNode
    let keys: Set<String>
}

/// JSON Schema 2020-12, as far as our schemas use it; anything else is a fault, so that no keyword is overlooked.
final class SchemaValidator {
    static let keywords: Set<String> = [
        "$schema", "$defs", "$ref", "title", "description", "type", "enum", "const", "pattern", "minLength",
        "maxLength",
        "minimum", "maximum", "items", "properties", "required", "additionalProperties", "oneOf",
    ]

    private let library: SchemaLibrary
    private var patterns: [String: Regex<AnyRegexOutput>] = [:]
    /// Objects with named members that were validated, in the last call.
    private(set) var seen: [SeenObject] = []

    init(_ library: SchemaLibrary) { self.library = library }

    /// What is wrong with a value; empty when it is valid.
    func problems(of value: JSONValue, as schema: SchemaNode) throws -> [String] {
        seen = []
        return try check(value, schema, [])
    }

    private func check(_ value: JSONValue, _ schema: SchemaNode, _ path: [JSONStep]) throws -> [String] {
        if case .bool(let allowed) = schema.value { return allowed ? [] : ["\(path) must not be there"] }
        var problems: [String] = []
        for (keyword, argument) in schema.members {
            guard Self.keywords.contains(keyword) else {
                throw SchemaFault(description: "\(schema.location) uses \(keyword), which is not understood")
            }
            switch (keyword, argument) {
            case ("$ref", .string(let reference)):
                problems += try check(value, library.follow(reference, from: schema.file), path)
            case ("type", _):
                let allowed = schema.texts("type")
                let types = allowed.isEmpty ? [argument] : allowed.map(JSONValue.string)
                if !types.contains(where: { Self.isType($0, value) }) { problems.append("\(path) is not \(types)") }
            case ("enum", .array(let allowed)):
                if !allowed.contains(value) { problems.append("\(path) is not one of \(allowed)") }
            case ("const", _):
                if value != argument { problems.append("\(path) is not \(argument)") }
            case ("oneOf", .array(let branches)):
                let fitting = try branches.enumerated().filter { index, branch in
                    try check(value, schema.child(["oneOf", String(index)], branch), path).isEmpty
                }
                if fitting.count != 1 { problems.append("\(path) fits \(fitting.count) of \(branches.count) forms") }
            default: break
            }
        }
        switch value {
        case .string(let text): problems += try check(text, schema, path)
        case .number(let number): problems += check(number, schema, path)
        case .array(let items):
            guard let argument = schema.members["items"] else { break }
            for (index, item) in items.enumerated() {
                problems += try check(item, schema.child(["items"], argument), path + [.index(index)])
            }
        case .object(let members): problems += try check(members, schema, path)
        case .null, .bool: break
        }
        return problems
    }

    /// Swift's expressions refuse some characters that no other language minds, unless they are escaped.
    private static func escaped(_ pattern: String) -> String {
        pattern.unicodeScalars.map { $0.value > 0xFFFF ? "\\u{\(String($0.value, radix: 16))}" : String($0) }.joined()
    }

    private func check(_ text: String, _ schema: SchemaNode, _ path: [JSONStep]) throws -> [String] {
        var problems: [String] = []
        if case .string(let pattern)? = schema.members["pattern"] {
            // By code points, as JSON Schema counts, and not by what looks like one character.
            let regex = try patterns[pattern] ?? Regex(Self.escaped(pattern)).matchingSemantics(.unicodeScalar)
            patterns[pattern] = regex
            if text.firstMatch(of: regex) == nil { problems.append("\(path) does not match \(pattern)") }
        }
        if case .number(let length)? = schema.members["minLength"], text.unicodeScalars.count < length.int ?? 0 {
            problems.append("\(path) is too short")
        }
        if case .number(let length)? = schema.members["maxLength"], text.unicodeScalars.count > length.int ?? 0 {
            problems.append("\(path) is too long")
        }
        return problems
    }

    private func check(_ number: JSONValue.Number, _ schema: SchemaNode, _ path: [JSONStep]) -> [String] {
        guard let value = number.double else { return ["\(path) is beyond every bound"] }
        var problems: [String] = []
        if case .number(let bound)? = schema.members["minimum"], let least = bound.double, value < least {
            problems.append("\(path) < \(bound)")
        }
        if case .number(let bound)? = schema.members["maximum"], let most = bound.double, value > most {
            problems.append("\(path) > \(bound)")
        }
        return problems
    }

    private func check(_ members: [String: JSONValue], _ schema: SchemaNode, _ path: [JSONStep]) throws -> [String] {
        var problems = schema.texts("required").filter { members[$0] == nil }.map { "\(path) lacks \($0)" }
        // A branch of oneOf describes no object of its own.
        if schema.members["properties"] != nil, !schema.pointer.contains("oneOf") {
            seen.append(SeenObject(path: path, schema: schema, keys: Set(members.keys)))
        }
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
            let place = path + [.member(name)]
            if case .object(let named)? = schema.members["properties"], let argument = named[name] {
                problems += try check(member, schema.child(["properties", name], argument), place)
            } else if let argument = schema.members["additionalProperties"] {
                problems += try check(member, schema.child(["additionalProperties"], argument), place)
            }
        }
        return problems
    }

    private static func isType(_ type: JSONValue, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case (.string("null"), .null), (.string("boolean"), .bool), (.string("number"), .number),
            (.string("string"), .string), (.string("array"), .array), (.string("object"), .object):
            true
        case (.string("integer"), .number(let number)): number.double.map { $0 == $0.rounded() } ?? false
        default: false
        }
    }
}

/// One step into a JSON value.
enum JSONStep: Equatable, CustomStringConvertible {
    case member(String)
    case index(Int)

    var description: String {
        switch self {
        case .member(let name): name
        case .index(let index): String(index)
        }
    }
}

extension JSONValue {
    /// The value with the member of the object at a path set, or removed.
    func setting(_ name: String, to value: JSONValue?, at path: some Collection<JSONStep>) -> JSONValue {
        switch (path.first, self) {
        case (nil, .object(var members)):
            members[name] = value
            return .object(members)
        case (.member(let step), .object(var members)):
            members[step] = members[step]?.setting(name, to: value, at: path.dropFirst())
            return .object(members)
        case (.index(let step), .array(var items)):
            items[step] = items[step].setting(name, to: value, at: path.dropFirst())
            return .array(items)
        default: return self
        }
    }
}
