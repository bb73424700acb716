// SPDX-License-Identifier: Apache-2.0

import Baton
import TestSupport
import Testing

@testable import YAML

@Suite struct YAMLTextTests {
    private static let document = """
        # words
        lr: 1.0e-5   # small
        flag: yes
        day: 2024-01-02
        big: 18446744073709551615
        cw: {0: 1.0, 1: 2, "a b": 'it''s'}
        oct: 0o17
        depth: 3
        n: 1_000
        empty:
        note: "a # b"
        train:
          layers:
          - 16
          - 32   # last
          text: |
            many
            lines
          name: plain text here
        base: &base {a: 1, b: 2}
        more:
          <<: *base
          c: 3
        same: *base
        typed: !!str 5

        """

    private func set(_ name: String, _ value: JSONValue, in text: String = document) throws -> String {
        var document = YAMLText(text)
        try document.set(name, to: YAMLValue(value), in: "params.yaml")
        return document.text
    }

    @Test(
        "One value is another and no other byte",
        arguments: [
            ("depth", JSONValue.number(4), "depth: 3", "depth: 4"),
            ("lr", .number(1e-7), "lr: 1.0e-5 ", "lr: 1.0e-07 "),
            ("flag", .bool(false), "flag: yes", "flag: false"),
            ("flag", .string("yes"), "flag: yes", "flag: \"yes\""),
            ("cw.1", .number(0.5), "1: 2,", "1: 0.5,"),
            ("cw.a b", .string("x, y}"), "'it''s'", "\"x, y}\""),
            ("empty", .string("full"), "empty:\n", "empty: full\n"),
            ("note", .null, "\"a # b\"", "null"),
            ("train.layers.1", .number(64), "- 32 ", "- 64 "),
            ("train.layers", .array([.number(1), .string("a: b")]), "\n  - 16\n  - 32 ", " [1, \"a: b\"] "),
            ("train.name", .string("2024-01-02"), "plain text here", "\"2024-01-02\""),
            ("cw", .object(["x": .bool(true)]), "{0: 1.0, 1: 2, \"a b\": 'it''s'}", "{x: true}"),
            ("more.c", .string("é\n"), "c: 3", "c: \"\\u00e9\\n\""),
        ])
    func one(name: String, value: JSONValue, old: String, new: String) throws {
        #expect(Self.document.ranges(of: old).count == 1)
        #expect(try set(name, value) == Self.document.replacing(old, with: new))
    }

    @Test("Line ends and a byte order mark stay", arguments: ["\r\n", "\r", "\n"])
    func lineEnds(end: String) throws {
        let text = "\u{FEFF}# ü\na: {b: 1}\nc: 'd'\n".replacing("\n", with: end)
        #expect(try set("c", .number(2), in: text) == text.replacing("'d'", with: "2"))
        #expect(try set("a.b", .number(2), in: text) == text.replacing("1", with: "2"))
    }

    @Test(
        "What cannot be set alone is refused by name",
        arguments: ["more.a", "same", "same.a", "base", "base.a", "typed", "train.text"])
    func refused(name: String) {
        let refusal = #expect(throws: Refusal.self) { try set(name, .number(9)) }
        #expect(refusal?.problems.first?.hasPrefix("params.yaml: \"\(name)\" cannot be set without") == true)
    }

    @Test("A parameter that is not there is refused by name", arguments: ["nope", "depth.x", "train.layers.2", ""])
    func missing(name: String) {
        let refusal = #expect(throws: Refusal.self) { try set(name, .number(9)) }
        #expect(refusal?.problems == ["params.yaml has no parameter \"\(name)\""])
    }

    /// A document as pieces of text, with the places of its values known from the writing.
    private struct Written {
        var text = ""
        var values: [(name: String, span: Range<Int>)] = []

        mutating func add(_ piece: String) { text += piece }

        mutating func add(value: String, named name: String) {
            let start = text.utf8.count
            text += value
            values.append((name, start..<text.utf8.count))
        }

        mutating func addFlow(_ name: String, depth: Int, _ generator: inout SeededGenerator) {
            let start = text.utf8.count
            add("{ ")
            for index in 0..<Int.random(in: 1...3, using: &generator) {
                add(index == 0 ? "" : ", ")
                add(["k\(index): ", "\"k\(index)\": "].randomElement(using: &generator) ?? "")
                if depth > 0, Bool.random(using: &generator) {
                    addFlow("\(name).k\(index)", depth: depth - 1, &generator)
                } else {
                    add(value: Self.scalar(&generator), named: "\(name).k\(index)")
                }
            }
            add([" }", "}"].randomElement(using: &generator) ?? "}")
            values.append((name, start..<text.utf8.count))
        }

        mutating func addBlock(_ name: String, indent: Int, depth: Int, _ generator: inout SeededGenerator) {
            for index in 0..<Int.random(in: 1...4, using: &generator) {
                if Bool.random(using: &generator) { add("\(pad(indent))# é: [it's\n") }
                let inner = name.isEmpty ? "b\(index)" : "\(name).b\(index)"
                add("\(pad(indent))b\(index):")
                switch Int.random(in: 0..<4, using: &generator) {
                case 0 where depth > 0:
                    add("\n")
                    addBlock(inner, indent: indent + 2, depth: depth - 1, &generator)
                    continue
                case 1:
                    add("\n")
                    for item in 0..<Int.random(in: 1...3, using: &generator) {
                        add("\(pad(indent))- ")
                        add(value: Self.scalar(&generator), named: "\(inner).\(item)")
                        add("\n")
                    }
                    continue
                case 2:
                    add(" ")
                    addFlow(inner, depth: 2, &generator)
                default:
                    add("  ")
                    add(value: Self.scalar(&generator), named: inner)
                }
                add(["\n", "   # it's\n", " \n\n"].randomElement(using: &generator) ?? "\n")
            }
        }

        private func pad(_ count: Int) -> String { String(repeating: " ", count: count) }

        static func scalar(_ generator: inout SeededGenerator) -> String {
            let all = [
                "1", "1.5e-3", "yes", "true", "null", "~", "text", "two words", "'it''s: #'", "\"a \\\" } b\"",
                "2024-01-02",
                "18446744073709551616", "\u{1F600}", "\"\"", "it's", "a#b", ".inf", "[]", "[1, 'x,]']", "-",
            ]
            return all.dropLast().randomElement(using: &generator) ?? "1"
        }
    }

    @Test("In any document a change reads back as that change, and no byte outside the value's own differs")
    func anyDocument() throws {
        var generator = SeededGenerator(seed: 14)
        let new: [JSONValue] = [
            .number(7), .number(-2.5e-9), .number(1e21), .bool(true), .null, .string(""), .string("a: b # c"),
            .string("word"), .string("12"), .string("on"), .string("\u{1F600}\u{85}"), .array([]),
            .array([.number(1), .object(["q r": .string("]")])]), .object([:]),
        ]
        for _ in 0..<400 {
            var written = Written()
            written.addBlock("", indent: 0, depth: 2, &generator)
            let isCRLF = Bool.random(using: &generator)
            let text = written.text
            let picked = try #require(written.values.randomElement(using: &generator))
            let value = try #require(new.randomElement(using: &generator))
            let before = try YAMLDocument.read(text, name: "it")
            let wanted = try #require(before.setting(picked.name.split(separator: ".")[...], to: YAMLValue(value)))
            let input = isCRLF ? text.replacing("\n", with: "\r\n") : text
            let changed = try set(picked.name, value, in: input)
            #expect(try YAMLDocument.read(changed, name: "it") == wanted, "\(picked.name) in \(text)")
            let bytes = Array(changed.replacing("\r\n", with: "\n").utf8)
            #expect(changed.contains("\r\n") == (isCRLF && text.contains("\n")))
            let (head, tail) = (
                Array(text.utf8)[..<picked.span.lowerBound], Array(text.utf8)[picked.span.upperBound...]
            )
            #expect(
                bytes.starts(with: head) && bytes.reversed().starts(with: tail.reversed()), "\(picked.name) in \(text)")
        }
    }
}
