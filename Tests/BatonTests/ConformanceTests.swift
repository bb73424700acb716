// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Baton

/// The cases that the CloudEvents project's own suite for the JSON format has, in events of our own.
///
/// Source: https://github.com/cloudevents/conformance/tree/main/format/json
@Suite("CloudEvents conformance")
struct ConformanceTests {
    /// An event with one member changed, or left out where the value is nil.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: String

        init(_ name: String, _ changes: [String: String?]) {
            var members: [String: String] = [
                "specversion": #""1.0""#, "id": #""e-1""#, "type": #""org.example.tried""#,
                "source": #""https://example.org/tests""#,
            ]
            for (member, value) in changes { members[member] = value }
            testDescription = name
            body =
                "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
                + "}"
        }
    }

    static let invalid: [(case: Case, pointer: String)] = [
        (Case("no specversion", ["specversion": nil]), "/specversion"),
        (Case("no id", ["id": nil]), "/id"),
        (Case("no type", ["type": nil]), "/type"),
        (Case("no source", ["source": nil]), "/source"),
        (Case("a time that is a word", ["time": #""noon""#]), "/time"),
        (Case("a time without seconds", ["time": #""2026-03-04T11:22Z""#]), "/time"),
        (Case("a time with another letter", ["time": #""2026-03-04T11:22:33Q""#]), "/time"),
        (Case("a time with an offset beyond a day", ["time": #""2026-03-04T11:22:33+24:00""#]), "/time"),
        (Case("a time with letters in its offset", ["time": #""2026-03-04T11:22:33+ab:00""#]), "/time"),
        (Case("a time with half an offset", ["time": #""2026-03-04T11:22:33+05""#]), "/time"),
        (Case("an empty id", ["id": #""""#]), "/id"),
        (Case("an empty type", ["type": #""""#]), "/type"),
        (Case("an empty source", ["source": #""""#]), "/source"),
        (Case("an empty specversion", ["specversion": #""""#]), "/specversion"),
        (Case("an older specversion", ["specversion": #""0.3""#]), "/specversion"),
        (Case("a content type of one word", ["datacontenttype": #""json""#]), "/datacontenttype"),
        (Case("an empty content type", ["datacontenttype": #""""#]), "/datacontenttype"),
        (Case("an empty schema", ["dataschema": #""""#]), "/dataschema"),
        (Case("an empty subject", ["subject": #""""#]), "/subject"),
        (Case("an id that is a number", ["id": "42"]), "/id"),
        (Case("an id that is an object", ["id": #"{"a":"b"}"#]), "/id"),
        (Case("an extension with a capital", ["sampleRate": #""x""#]), "/sampleRate"),
        (Case("an extension with a dot", ["sample.rate": #""x""#]), "/sample.rate"),
        (Case("an extension with a fraction", ["samplerate": "2.5"]), "/samplerate"),
        (Case("data in two forms", ["data": #""x""#, "data_base64": #""eA==""#]), "/data_base64"),
    ]

    @Test("refuses what is no event, at its place and for that alone", arguments: 0..<invalid.count)
    func refuses(index: Int) {
        let (wrong, pointer) = Self.invalid[index]
        let refusal = #expect(throws: Refusal.self, "\(wrong)") { try CloudEvent(structured: Array(wrong.body.utf8)) }
        #expect(
            refusal?.details.map { "\($0.pointer ?? .root)" } == [pointer], "\(wrong): \(String(describing: refusal))")
        let batch = #expect(throws: Refusal.self) { try CloudEvent.batch(Array("[\(wrong.body)]".utf8)) }
        #expect(batch?.details.map { "\($0.pointer ?? .root)" } == ["/0" + pointer])
    }

    private func read(_ changes: [String: String?]) throws -> CloudEvent {
        try CloudEvent(structured: Array(Case("", changes).body.utf8))
    }

    private static let plain = CloudEvent(id: "e-1", source: "https://example.org/tests", type: "org.example.tried")

    @Test("takes the least that an event is, and null for what is left out")
    func least() throws {
        #expect(try read([:]) == Self.plain)
        let nulls = ["datacontenttype", "dataschema", "subject", "time"].map { ($0, Optional("null")) }
        #expect(try read(Dictionary(uniqueKeysWithValues: nulls)) == Self.plain)
    }

    @Test("takes all attributes of the specification")
    func all() throws {
        let event = try read([
            "datacontenttype": #""text/plain""#, "dataschema": #""https://example.org/schema""#,
            "subject": #""one""#, "time": #""2026-03-04T11:22:33Z""#,
        ])
        var expected = Self.plain
        (expected.dataContentType, expected.dataSchema) = ("text/plain", "https://example.org/schema")
        (expected.subject, expected.time) = ("one", Timestamp(milliseconds: 1_772_623_353_000))
        #expect(event == expected)
    }

    @Test(
        "takes a time in every form that it may have",
        arguments: [
            "2026-03-04T11:22:33Z", "2026-03-04T11:22:33.000000000Z", "2026-03-04T12:22:33+01:00",
            "2026-03-04T10:22:33-01:00",
        ])
    func times(text: String) throws {
        #expect(try read(["time": "\"\(text)\""]).time == Timestamp(milliseconds: 1_772_623_353_000))
    }

    @Test("takes a source that is relative")
    func relative() throws {
        #expect(try read(["source": ##""#part""##]).source == "#part")
    }

    @Test("takes data that is a text as that text, where its content type says so")
    func text() throws {
        let event = try read(["datacontenttype": #""text/plain""#, "data": #""some \"words\"""#])
        #expect(event.data.map { String(decoding: $0, as: UTF8.self) } == #"some "words""#)
        let json = try read(["datacontenttype": #""application/json""#, "data": #""word""#])
        #expect(json.data.map { String(decoding: $0, as: UTF8.self) } == #""word""#)
    }

    @Test("takes extensions of every type, in their canonical form")
    func extensions() throws {
        let event = try read([
            "extinteger": "-7", "extboolean": "false", "extstring": #""word""#, "exturi": #""urn:x:y""#,
            "exturiref": #""//host/path""#, "exttimestamp": #""2026-03-04T11:22:33Z""#, "extbinary": #""eA==""#,
        ])
        #expect(
            event.extensions == [
                "extinteger": "-7", "extboolean": "false", "extstring": "word", "exturi": "urn:x:y",
                "exturiref": "//host/path", "exttimestamp": "2026-03-04T11:22:33Z", "extbinary": "eA==",
            ])
    }

    @Test("takes batches of none, of one and of the same twice")
    func batches() throws {
        let one = Case("", [:]).body
        for (body, count) in [("[]", 0), ("[\(one)]", 1), ("[\(one),\(one)]", 2)] {
            #expect(try CloudEvent.batch(Array(body.utf8)) == [CloudEvent](repeating: Self.plain, count: count))
        }
    }

    @Test("refuses a batch with an event of another version, one without its id, and one that is none")
    func badBatches() {
        let (good, old, bare) = (
            Case("", [:]).body, Case("", ["specversion": #""0.3""#]).body, Case("", ["id": nil]).body
        )
        for (body, place) in [
            ("[\(good),\(old)]", "/1/specversion"), ("[\(bare)]", "/0/id"), (#"["word",\#(good)]"#, "/0"),
        ] {
            let refusal = #expect(throws: Refusal.self) { try CloudEvent.batch(Array(body.utf8)) }
            #expect(refusal?.details.map { "\($0.pointer ?? .root)" } == [place])
        }
        #expect(throws: Refusal.self) { try CloudEvent.batch(Array(good.utf8)) }
    }
}
