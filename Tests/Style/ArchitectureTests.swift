// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The map of targets in `docs/architecture.md`, held against `Package.swift`.
@Suite("Architecture")
struct ArchitectureTests {
    /// A target of the manifest, with the others of its room on which it depends.
    private struct Target {
        let name: String
        /// `Shared`, or the service.
        let room: String
        let named: [String]
    }

    private func read(_ path: String) throws -> String {
        try String(contentsOfFile: "\(SourceFile.package)/\(path)", encoding: .utf8)
    }

    /// What stands between a parenthesis and the one that closes it.
    private func arguments(of call: Substring) -> Substring {
        var depth = 0
        for index in call.indices {
            if call[index] == "(" { depth += 1 }
            if call[index] == ")" { depth -= 1 }
            if depth == 0 { return call[...index] }
        }
        return call
    }

    private func targets() throws -> [Target] {
        let manifest = try read("Package.swift")
        return manifest.matches(of: /\n        (shared|library|process|service)\(/).map { match in
            let call = arguments(of: manifest[manifest.index(before: match.range.upperBound)...])
            let strings = call.matches(of: /"([^"]+)"/).map { String($0.1) }
            let list = call.firstIndex(of: "[").map { call[$0...].prefix { $0 != "]" } } ?? ""
            let path = strings[match.1 == "library" ? 1 : 0]
            let room = match.1 == "shared" ? "Shared" : String(path.prefix { $0 != "/" })
            return Target(name: strings[0], room: room, named: list.matches(of: /"([^"]+)"/).map { String($0.1) })
        }
    }

    @Test("the map shows every target in its room, with what it uses there, and nothing else")
    func map() throws {
        let targets = try targets()
        #expect(targets.count > 40)
        var expected: [String: Set<String>] = [:]
        for target in targets {
            let peers = targets.filter { $0.room == target.room && target.named.contains($0.name) }.map(\.name)
            expected[target.room, default: []].formUnion([target.name] + peers.map { "\(target.name) --> \($0)" })
        }
        let page = try read("docs/architecture.md")
        var shown: [String: Set<String>] = [:]
        for block in page.matches(of: /### (\w+)\n[^#]*?```mermaid\ngraph LR\n([^`]*)```/) {
            shown[String(block.1)] = Set(block.2.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
        }
        #expect(shown.keys.sorted() == expected.keys.sorted())
        for (room, lines) in expected {
            let found = shown[room] ?? []
            #expect(lines.subtracting(found).sorted() == [], "missing in the map of \(room)")
            #expect(found.subtracting(lines).sorted() == [], "in the map of \(room), but not in Package.swift")
        }
    }
}
