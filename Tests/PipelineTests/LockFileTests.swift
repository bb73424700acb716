// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Foundation
import TestSupport
import Testing

@testable import Pipeline

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

@Suite(.timeLimit(.minutes(2)))
struct LockFileTests {
    // Written down from what DVC 3.67.1 makes of the same files.
    @Test("A directory hashes as DVC hashes it: sorted names, Python's JSON, bytes and nothing else")
    func directoryHash() throws {
        let fixture = try ProjectFixture()
        try fixture.write("d/b.txt", "b\n")
        try fixture.write("d/a/é \"q\".txt", "a\n")
        try fixture.write("d/Z", "")
        let hashed = try HashedPath("d", in: ConfinedDirectory(trusted: fixture.project), name: "d")
        #expect(hashed.md5 == "a62feef41c28b2a15968e96d456d3a9a.dir")
        #expect(hashed.bytes == 4)
        #expect(hashed.files?.map(\.path) == ["Z", "a/é \"q\".txt", "b.txt"])
    }

    @Test("The lock has DVC's keys in DVC's order")
    func lock() async throws {
        let fixture = try ProjectFixture(
            pipeline: ProjectFixture.pipeline + """
                  extra:
                    cmd: mkdir -p run && cp ../raw.txt run/go.sh && chmod 755 run/go.sh && cp run/go.sh go.sh
                    wdir: sub
                    deps: [../serving]
                    params:
                      - ../more.json:
                      - a.b
                    outs: [run, go.sh]

                """)
        try fixture.write("more.json", #"{"z": null, "deep": {"x": 1e10}}"#)
        try fixture.write("sub/params.yaml", "a: {b: '010'}")
        let manifest = try await fixture.build()
        let lock = try String(contentsOfFile: fixture.store.path(for: manifest.lock), encoding: .utf8)
        #expect(
            lock.hasPrefix(
                "schema: \"2.0\"\nstages:\n  prepare:\n    cmd: tr a-z A-Z < raw.txt > data.txt\n    deps:\n"))
        let extra = try #require(lock.range(of: "  extra:\n").map { lock[$0.lowerBound...] })
        #expect(
            extra == """
                  extra:
                    cmd: mkdir -p run && cp ../raw.txt run/go.sh && chmod 755 run/go.sh && cp run/go.sh go.sh
                    deps:
                    - path: ../serving
                      hash: md5
                      md5: e974af5dec34ff3d98fa7e36f7db4b6b.dir
                      size: 19
                      nfiles: 2
                    params:
                      params.yaml:
                        a.b: "010"
                      ../more.json:
                        deep:
                          x: 10000000000.0
                        z:
                    outs:
                    - path: go.sh
                      hash: md5
                      md5: b1946ac92492d2347c6235b4d2611184
                      size: 6
                      isexec: true
                    - path: run
                      hash: md5
                      md5: "8eb1fda4db8f292e1243ec42f7b602f2.dir"
                      size: 6
                      nfiles: 1

                """)
    }
}
