// SPDX-License-Identifier: Apache-2.0

import ShownText
import Testing

@testable import Baton

@Suite("Texts from outside")
struct TextRuleTests {
    @Test("are bounded, and made of what may be in them")
    func rules() {
        #expect(TextRule.model.fault(in: "breast-cancer_2.1") == nil)
        for text in ["", "a b", "a/b", "é", "a\u{0}", String(repeating: "a", count: 201)] {
            #expect(TextRule.model.fault(in: text) != nil, "\(text)")
        }
        for text in ["ann", "Ann Smith", "Zoë", "安", "🧑", String(repeating: "a", count: 200)] {
            #expect(TextRule.person.fault(in: text) == nil, "\(text)")
        }
        for text in ["", " ", "a\nb", "a\u{1B}[2J", "a\u{9B}", "a\u{202E}b", "a\u{200D}b", "a\u{2028}", "a\u{E0041}"] {
            #expect(TextRule.person.fault(in: text) != nil, "\(text.debugDescription)")
        }
        for text in ["two\nlines\tand a tab", "\u{202B}אב", String(repeating: "é", count: 1_000)] {
            #expect(TextRule.reason.fault(in: text) == nil, "\(text)")
        }
        for text in ["", "\n", "a\rb", "a\u{7}", "a\u{85}", String(repeating: "é", count: 1_001)] {
            #expect(TextRule.reason.fault(in: text) != nil, "\(text.debugDescription)")
        }
        #expect(TextRule.person.fault(in: "a\u{1B}") == "may hold visible characters only, and holds U+001B")
    }

    @Test("are valid by the schema exactly when the code takes them")
    func schema() throws {
        let library = try SchemaLibrary.load()
        let validator = SchemaValidator(library)
        let texts = [
            "", " ", "ann", "Ann Smith", "a\u{0}", "a\nb", "a\tb", "a\rb", "a\u{1B}[2J", "a\u{9B}b", "a\u{AD}b",
            "a\u{202E}b",
            "a\u{2066}b", "a\u{200B}b", "a\u{200D}b", "a\u{2028}b", "a\u{FEFF}b", "a\u{FFF9}b", "a\u{E0041}b", "🧑‍🚀",
            "Zoë",
            "/p", "/p\u{7}", "e\u{301}", "\n", "x/y",
        ]
        let lengths = [200, 201, 1_000, 1_001, 4_096, 4_097].map { String(repeating: "a", count: $0) }
        for text in texts + lengths + lengths.map({ "/" + $0.dropFirst() }) {
            for member in ["model", "requester", "reason", "directory", "git"] {
                var members: [String: JSONValue] = ["model": .string("m"), "requester": .string("a")]
                let isProject = member == "directory" || member == "git"
                var project: [String: JSONValue] = ["directory": .string("/p")]
                if member == "git" { project = ["commit": .string("c")] }
                if isProject { project[member] = .string(text) } else { members[member] = .string(text) }
                members["project"] = .object(project)
                let value = JSONValue.object(members)
                let event = CloudEvent(id: "1", source: "ci", type: EventType.releaseRequested, data: value.encoded())
                let isTaken = (try? ReleaseRequest.read(event)) != nil
                let problems = try validator.problems(of: value, as: library.schema(of: EventType.releaseRequested))
                #expect(isTaken == problems.isEmpty, "\(member) \(text.debugDescription.prefix(40)): \(problems)")
            }
        }
    }
}

@Suite("Shown text")
struct ShownTextTests {
    @Test("has no character that moves the cursor, ends the line or turns words around")
    func hidden() {
        #expect("plain — tëxt 🧑‍🚀".shown() == "plain — tëxt 🧑‍🚀")
        #expect("a\u{1B}]0;title\u{7}b".shown() == #"a\u001b]0;title\u0007b"#)
        #expect("one\nrelay: all is well\r\n".shown() == #"one\nrelay: all is well\r\n"#)
        #expect(
            "\u{9B}2J\u{7F}\u{202E}\u{2066}\u{200F}\u{61C}\u{2028}".shown()
                == #"\u009b2J\u007f\u202e\u2066\u200f\u061c\u2028"#)
        #expect("\u{E0041}".shown() == #"\udb40\udc41"#)
        for scalar in (0...0x2FFF).lazy.compactMap({ Unicode.Scalar(UInt32($0)) })
        where ["Cc", "Zl", "Zp"].contains(scalar.category) {
            #expect(HiddenCharacters.contains(scalar), "\(scalar.value)")
        }
    }

    @Test("is no longer than a reason may be, and says how much more there was")
    func long() {
        let text = String(repeating: "x", count: 100_000)
        #expect(text.shown() == String(repeating: "x", count: 1_000) + "… (99000 more characters)")
        #expect("abcdef".shown(limit: 3) == "abc… (3 more characters)")
        #expect(("e" + String(repeating: "\u{301}", count: 50_000)).shown().unicodeScalars.count < 1_050)
    }

    @Test("of JSON is the same JSON")
    func json() throws {
        let value = JSONValue.object(["a\u{202E}": .string("\u{9B}\n\u{E0041}\\\"\u{7F}")])
        let text = String(decoding: value.encoded(), as: UTF8.self).withoutHiddenCharacters()
        #expect(!text.unicodeScalars.contains { HiddenCharacters.contains($0) })
        #expect(try JSONValue.parse(text.utf8) == value)
    }
}

extension Unicode.Scalar {
    fileprivate var category: String {
        switch properties.generalCategory {
        case .control: "Cc"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        default: "other"
        }
    }
}
