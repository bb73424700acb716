// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Synchronization
import Testing

@testable import Building
@testable import Sandbox

/// How stages run: what they find, which run at once, and what their keys see.
@Suite(.timeLimit(.minutes(2)))
struct StageRunTests {
    private func fixture(_ stages: String) throws -> ProjectFixture {
        try ProjectFixture(pipeline: ProjectFixture.pipeline(stages))
    }

    @Test("Two stages that use the same undeclared file do not run at once")
    func scratch() async throws {
        let fixture = try fixture(
            """
              a: {cmd: 'echo a > scratch; sleep 0.2; cp scratch a.txt', outs: [a.txt]}
              b: {cmd: 'echo b > scratch; sleep 0.2; cp scratch b.txt', outs: [b.txt]}
            """)
        let manifest = try await fixture.build()
        #expect(try fixture.content(of: "a.txt", in: manifest) == "a\n")
        #expect(try fixture.content(of: "b.txt", in: manifest) == "b\n")
    }

    @Test("Stages that are declared independent run at once, each with a TMPDIR of its own")
    func independent() async throws {
        let fixture = try fixture("")
        // Each waits for the other through a pipe, and so ends only if both run.
        let pipes = ["\(fixture.root)/one", "\(fixture.root)/two"]
        for pipe in pipes { #expect(mkfifo(pipe, 0o600) == 0) }
        try fixture.write(
            "dvc.yaml",
            ProjectFixture.pipeline(
                """
                  a:
                    cmd: echo a > $TMPDIR/x; echo > \(pipes[0]); cat \(pipes[1]); cp $TMPDIR/x a.txt
                    meta: {owner: us, relay: {independent: true}}
                    outs: [a.txt]
                  b:
                    cmd: echo b > $TMPDIR/x; cat \(pipes[0]); echo > \(pipes[1]); cp $TMPDIR/x b.txt
                    meta: {relay: {independent: true}}
                    outs: [b.txt]
                """))
        let manifest = try await fixture.build()
        #expect(try fixture.content(of: "a.txt", in: manifest) == "a\n")
        #expect(try fixture.content(of: "b.txt", in: manifest) == "b\n")
    }

    @Test("What is not known of meta.relay is refused, and the rest of meta is the project's")
    func meta() async throws {
        let fixture = try fixture("  a: {cmd: x, meta: {relay: {independant: true, independent: 1}}}")
        let reason = try await fixture.failure()?.reason
        #expect(reason?.contains("stages.a.meta.relay.independent: must be true or false") == true)
        #expect(reason?.contains("stages.a.meta.relay.independant: is not a known key") == true)
    }

    private static let places = """
          s:
            cmd: pwd > o.txt; echo $PWD $HOME $TMPDIR $DVC_ROOT >> o.txt
            outs: [o.txt]
            always_changed: true
        """

    @Test("A stage finds its files at the same paths in every run")
    func samePlace() async throws {
        let (one, other) = (try fixture(Self.places), try fixture(Self.places))
        let written = [
            try one.content(of: "o.txt", in: try await one.build()),
            try other.content(of: "o.txt", in: try await other.build()),
        ]
        #expect(written[0] == written[1])
        #expect(written[0].hasPrefix("/relay-workspace/checkout\n/relay-workspace/checkout /relay-workspace/home "))
        #expect(FileManager.default.fileExists(atPath: "/relay-workspace") == false)
    }

    @Test("Without a view of their own stages run where the workspace is, it is said, and their results are kept apart")
    func ownPlace() async throws {
        let fixture = try fixture(Self.places)
        let fixed = try await fixture.build()
        let notices = Mutex<[String]>([])
        let manifest = try await fixture.build(allowsView: false) { notice in
            notices.withLock { $0.append(notice) }
        }
        #expect(try fixture.content(of: "o.txt", in: manifest).hasPrefix("\(fixture.root)/workspace-"))
        #expect(notices.withLock { $0 }.contains { $0.contains("another path than in other runs") })
        #expect(manifest.ran == ["rest", "s"])
        #expect(Set(manifest.stages.map(\.key)).isDisjoint(with: fixed.stages.map(\.key)))
        #expect(try await fixture.build(allowsView: false).ran == ["s"])
    }

    @Test("Stages find programs by the PATH they are given; where one lies does not matter, what it is does")
    func path() async throws {
        let fixture = try fixture("  s: {cmd: cd . && mytool > o.txt, outs: [o.txt]}")
        func tool(_ directory: String, _ text: String) throws -> StagePath {
            try fixture.write("../\(directory)/mytool", "#!/bin/sh\necho \(text)\n")
            #expect(chmod("\(fixture.root)/\(directory)/mytool", 0o755) == 0)
            return try #require(StagePath("\(fixture.root)/\(directory):bin::/usr/bin:/bin"))
        }
        let first = try await fixture.build(stagePath: try tool("one", "1"))
        #expect(try fixture.content(of: "o.txt", in: first) == "1\n")
        #expect(try await fixture.build(stagePath: try tool("two", "1")).ran == [])
        let changed = try await fixture.build(stagePath: try tool("two", "2"))
        #expect(changed.ran == ["s"])
        #expect(try fixture.content(of: "o.txt", in: changed) == "2\n")
    }

    @Test("Directories that are not absolute are no part of a stage's PATH")
    func relativePath() {
        #expect(StagePath("/a:b:.::/c:/a")?.text == "/a:/c")
        #expect(StagePath("b:.") == nil)
        #expect(StagePath("") == nil)
    }

    @Test("A package of a virtual environment that changes runs again what uses it")
    func virtualEnvironment() async throws {
        let fixture = try fixture("  s: {cmd: cd . && tool > o.txt, outs: [o.txt]}")
        let packages = "../venv/lib/python3.11/site-packages"
        try fixture.write("../venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.11\n")
        func install(_ version: String) throws {
            try fixture.write("\(packages)/mypkg-1.dist-info/METADATA", "Name: mypkg\nVersion: \(version)\n")
        }
        try install("1.0")
        try fixture.write("../venv/bin/tool", "#!\(fixture.root)/venv/bin/python\nprint(1)\n")
        #expect(chmod("\(fixture.root)/venv/bin/tool", 0o755) == 0)
        try FileManager.default.createSymbolicLink(
            atPath: "\(fixture.root)/venv/bin/python", withDestinationPath: "/usr/bin/python3")
        let path = try #require(StagePath("\(fixture.root)/venv/bin:/usr/bin"))
        #expect(try await fixture.build(stagePath: path).ran == ["rest", "s"])
        #expect(try await fixture.build(stagePath: path).ran == [])
        try install("2.0")
        #expect(try await fixture.build(stagePath: path).ran == ["s"])
    }

    @Test("A stage without dependencies and outputs runs every time")
    func callback() async throws {
        let fixture = try fixture("  s: {cmd: echo hi}")
        _ = try await fixture.build()
        #expect(try await fixture.build().ran == ["s"])
    }

    @Test("An item of a list is one command whole, and a line of a text is one")
    func commandList() async throws {
        let fixture = try fixture(
            """
              s:
                cmd:
                  - |
                    for i in 1 2; do
                      echo $i
                    done > a.txt
                  - echo b > b.txt
                outs: [a.txt, b.txt]
            """)
        #expect(try fixture.content(of: "a.txt", in: try await fixture.build()) == "1\n2\n")
    }

    @Test("A pointer of Git LFS is not taken for the file")
    func pointer() async throws {
        let fixture = try fixture("  s: {cmd: cat dd/model.bin > o.txt, deps: [dd], outs: [o.txt]}")
        try fixture.write(
            "dd/model.bin",
            "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "0", count: 64))\n")
        let reason = try await fixture.failure()?.reason
        #expect(reason?.contains("stage s depends on dd/model.bin, which is a pointer of Git LFS") == true)
    }
}
