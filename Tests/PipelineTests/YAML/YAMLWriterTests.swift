// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import YAML

@Suite struct YAMLWriterTests {
    @Test("What is written reads back as the same value, whatever the texts look like")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 20)
        for _ in 0..<300 {
            let value = YAMLValue.map(YAMLMap([("root", randomValue(depth: 3, &generator))]))
            let text = YAMLWriter.write(value)
            #expect(try YAMLDocument.read(text, name: "it") == value, "\(text)")
        }
    }

    private func randomValue(depth: Int, _ generator: inout SeededGenerator) -> YAMLValue {
        let texts = [
            "", "a", "yes", "no", "null", "~", "1", "1.0", "1e3", "0x1", ".inf", "-", "- a", "a: b", "a:", "a #b", "#",
            "é",
            "\u{1F600}", "line\nline", "tab\t", " lead", "trail ", "'", "\"", "\\", "{", "[", "*a", "&a", "!t", "%",
            "@", "2.0",
            "2026-11-24", "?", "? a", "|", ">", "<<", "=", "a/b.c", "$(x)", "\u{85}", "\u{7F}",
        ]
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(Int.random(in: -1000...1_000_000, using: &generator))
        case 3: return .number([0.1, 1e-05, 1e16, -2.5, 1.0, .infinity].randomElement(using: &generator) ?? 0)
        case 4, 5: return .text(texts.randomElement(using: &generator) ?? "")
        case 6:
            return .list(
                (0..<Int.random(in: 0...3, using: &generator)).map { _ in randomValue(depth: depth - 1, &generator) })
        default:
            let keys = texts.filter { $0 != "<<" }
            return .map(
                YAMLMap(
                    (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                        (keys.randomElement(using: &generator) ?? "k", randomValue(depth: depth - 1, &generator))
                    }))
        }
    }
}
