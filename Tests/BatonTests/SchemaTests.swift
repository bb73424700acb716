// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Baton

/// Holds `docs/events` and the code together.
@Suite("Event schemas")
struct SchemaTests {
    let library: SchemaLibrary

    init() throws { library = try SchemaLibrary.load() }

    static func document(_ name: String) throws -> String {
        try String(contentsOf: SchemaLibrary.directory.appending(path: name), encoding: .utf8)
    }

    @Test("every event type of the code has a schema and a line in the documents, or is said to be reserved")
    func types() throws {
        let source = SchemaLibrary.package.appending(path: "Shared/Baton/Events/EventType.swift")
        let types = Set(
            try String(contentsOf: source, encoding: .utf8).split(separator: "\"").map(String.init)
                .filter { $0.hasPrefix("relay.") && $0.hasSuffix(".v1") })
        let reserved: Set = [EventType.outcomeObserved]
        #expect(types.count > 10)
        #expect(Set(PayloadSample.all.map(\.type)) == types.subtracting(reserved))
        #expect(
            Set(library.files.keys)
                == Set(types.subtracting(reserved).map { $0 + SchemaLibrary.suffix } + [SchemaLibrary.definitions]))
        let (readme, asyncAPI) = (try Self.document("README.md"), try Self.document("asyncapi.yaml"))
        for type in types.subtracting(reserved) {
            #expect(readme.contains("](\(type)\(SchemaLibrary.suffix))"), "README.md does not link \(type)")
            #expect(asyncAPI.contains("./\(type)\(SchemaLibrary.suffix)"), "asyncapi.yaml lacks \(type)")
        }
        for type in reserved { #expect(readme.contains("`\(type)` is reserved")) }
    }

    @Test("the schemas use no keyword that the validator does not understand")
    func keywords() throws {
        for (file, value) in library.files {
            var open = [SchemaNode(file: file, pointer: [], value: value)]
            while let schema = open.popLast() {
                let unknown = Set(schema.members.keys).subtracting(SchemaValidator.keywords)
                #expect(unknown.isEmpty, "\(schema.location)")
                open += schema.children
            }
        }
    }

    @Test("what the code writes is valid", arguments: PayloadSample.all)
    func valid(sample: PayloadSample) throws {
        let value = try JSONValue.parse(sample.bytes)
        let schema = try library.schema(of: sample.type)
        #expect(try SchemaValidator(library).problems(of: value, as: schema) == [])
        try sample.read?(sample.bytes)
    }

    @Test("without a required member nothing is valid, and the code refuses it too", arguments: PayloadSample.all)
    func incomplete(sample: PayloadSample) throws {
        let value = try JSONValue.parse(sample.bytes)
        let schema = try library.schema(of: sample.type)
        let validator = SchemaValidator(library)
        _ = try validator.problems(of: value, as: schema)
        #expect(!validator.seen.isEmpty)
        for object in validator.seen {
            for name in object.schema.texts("required") {
                let less = value.setting(name, to: nil, at: object.path)
                #expect(try !validator.problems(of: less, as: schema).isEmpty, "\(object.path) without \(name)")
                guard let read = sample.read else { continue }
                #expect(throws: Refusal.self, "\(object.path) without \(name)") { try read(less.encoded()) }
            }
        }
    }

    @Test("with a member that is not known nothing is valid", arguments: PayloadSample.all)
    func surplus(sample: PayloadSample) throws {
        let value = try JSONValue.parse(sample.bytes)
        let schema = try library.schema(of: sample.type)
        let validator = SchemaValidator(library)
        _ = try validator.problems(of: value, as: schema)
        for object in validator.seen {
            let more = value.setting("unheardOf", to: .bool(true), at: object.path)
            #expect(try !validator.problems(of: more, as: schema).isEmpty, "\(object.path)")
        }
    }

    @Test("an object's schema lists what the code writes always as required, and what it writes at times as optional")
    func drift() throws {
        let validator = SchemaValidator(library)
        var always: [String: Set<String>] = [:]
        var ever: [String: Set<String>] = [:]
        var schemas: [String: SchemaNode] = [:]
        for sample in PayloadSample.all {
            _ = try validator.problems(of: JSONValue.parse(sample.bytes), as: library.schema(of: sample.type))
            for object in validator.seen {
                let place = object.schema.location
                schemas[place] = object.schema
                always[place] = always[place]?.intersection(object.keys) ?? object.keys
                ever[place, default: []].formUnion(object.keys)
            }
        }
        for (place, schema) in schemas {
            #expect(schema.properties == ever[place], "\(place)")
            #expect(Set(schema.texts("required")) == always[place], "\(place)")
            #expect(schema.members["additionalProperties"] == .bool(false), "\(place)")
        }
        #expect(Set(schemas.keys) == objectSchemas, "some schema is not used by any sample")
    }

    @Test("a state, a request or a ledger entry that mixes two forms is not valid")
    func forms() throws {
        let validator = SchemaValidator(library)
        func problems(_ type: String, _ text: String) throws -> [String] {
            try validator.problems(of: JSONValue.parse(Array(text.utf8)), as: library.schema(of: type))
        }
        let rest = #""model":"iris","requester":"ann""#
        let wrong = [
            #"{"project":{},\#(rest)}"#, #"{"project":{"git":"u"},\#(rest)}"#,
            #"{"project":{"directory":"/p","commit":"c"},\#(rest)}"#, #"{"project":{"directory":""},\#(rest)}"#,
            #"{"project":{"git":"HTTPS://token@h/r","commit":"c"},\#(rest)}"#,
            #"{"project":{"git":"ssh://me:word@h/r","commit":"c"},\#(rest)}"#,
        ]
        for text in wrong { #expect(try !problems(EventType.releaseRequested, text).isEmpty, "\(text)") }
        for sample in PayloadSample.all where sample.type == EventType.ledgerAppended {
            let value = try JSONValue.parse(sample.bytes)
            for kind in ["journal", "usage", "rumour"] where !value.has("kind", kind) {
                let other = value.setting("kind", to: .string(kind), at: [])
                #expect(try !validator.problems(of: other, as: library.schema(of: sample.type)).isEmpty)
            }
        }
    }

    /// Where all object schemas with named members stand.
    private var objectSchemas: Set<String> {
        var found: Set<String> = []
        for (file, value) in library.files {
            var open = [SchemaNode(file: file, pointer: [], value: value)]
            while let schema = open.popLast() {
                if schema.pointer.contains("oneOf") { continue }
                if schema.members["properties"] != nil { found.insert(schema.location) }
                open += schema.children
            }
        }
        return found
    }
}

extension JSONValue {
    fileprivate func has(_ name: String, _ text: String) -> Bool {
        if case .object(let members) = self { members[name] == .string(text) } else { false }
    }
}
