// SPDX-License-Identifier: Apache-2.0

import Baton
import ConfinedFiles
import Foundation
import Synchronization
import Testing

@testable import Building
@testable import Sandbox

/// Set once, read by many.
private final class Flag: Sendable {
    let isSet = Atomic(false)
}

/// Nothing outside of a workspace is removed, written or read, whatever links a project or a stage makes.
@Suite(.timeLimit(.minutes(2)))
struct ConfinementTests {
    private let fixture: ProjectFixture
    /// A directory that is none of the project's.
    private var outside: String { fixture.root + "/outside" }

    init() throws {
        fixture = try ProjectFixture()
        try fixture.write("../outside/processed/precious", "precious")
    }

    private func pipeline(_ stage: String) throws {
        try fixture.write("dvc.yaml", ProjectFixture.pipeline(stage))
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(fixture.project)/\(name)", withDestinationPath: target)
    }

    private func expectUntouched() throws {
        let files = try FileManager.default.subpathsOfDirectory(atPath: outside).sorted()
        #expect(files == ["processed", "processed/precious"])
        #expect(try String(contentsOfFile: outside + "/processed/precious", encoding: .utf8) == "precious")
    }

    @Test("A link in an output's path is refused together with what else is wrong, before anything is removed")
    func linkOnTheWay() async throws {
        try pipeline("  s: {cmd: echo, deps: [nowhere.txt], outs: [data/processed]}")
        try link("data", to: outside)
        let failure = try #require(try await fixture.failure())
        #expect(failure.reason.contains("the output data/processed has a symbolic link in it, data to \(outside)"))
        #expect(failure.reason.contains("stage s depends on nowhere.txt"))
        #expect(failure.isRetryable == false)
        try expectUntouched()
    }

    @Test("A link in an output's path within the project is refused too")
    func linkWithin() async throws {
        try pipeline("  s: {cmd: echo x > data/x, outs: [data/x]}")
        try fixture.write("real/keep", "")
        try link("data", to: "real")
        #expect(try await fixture.failure()?.reason.contains("the output data/x has a symbolic link in it") == true)
    }

    @Test("A link in the place of an output is replaced, not followed")
    func linkInPlace() async throws {
        try pipeline("  s: {cmd: echo new > made.txt; echo new > old.txt, outs: [made.txt, old.txt]}")
        try link("made.txt", to: outside + "/created")
        try link("old.txt", to: outside + "/processed/precious")
        let manifest = try await fixture.build()
        #expect(try fixture.content(of: "made.txt", in: manifest) == "new\n")
        try expectUntouched()
    }

    @Test("A link that a stage makes is not followed to what a later one writes, the first time or from the store")
    func linkOfAStage() async throws {
        try pipeline(
            """
              a: {cmd: 'mkdir -p data; echo a > a.txt', outs: [a.txt]}
              b: {cmd: 'mkdir -p data/processed; echo b > data/processed/b', deps: [a.txt], outs: [data/processed]}
            """)
        _ = try await fixture.build()
        try fixture.change("mkdir -p data; echo a > a.txt", to: "ln -s \(outside) data; echo a > a.txt", in: "dvc.yaml")
        #expect(try await fixture.failure()?.reason.contains("data/processed has a symbolic link in it") == true)
        try expectUntouched()
    }

    @Test(
        "What leads out of the project is not read",
        arguments: ["relay.yaml", "dvc.yaml", "params.yaml", "raw.txt"])
    func reading(name: String) async throws {
        try FileManager.default.moveItem(atPath: "\(fixture.project)/\(name)", toPath: "\(fixture.root)/\(name)")
        try link(name, to: "../\(name)")
        let failure = try #require(try await fixture.failure())
        #expect(failure.reason.contains("\(name) leads out of the project"), "\(failure.reason)")
    }

    @Test("A link within the project is read as what it leads to")
    func within() async throws {
        try FileManager.default.createDirectory(atPath: fixture.project + "/in", withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: fixture.project + "/raw.txt", toPath: fixture.project + "/in/raw.txt")
        try link("raw.txt", to: "in/../in/raw.txt")
        #expect(try await fixture.build().metrics["accuracy"] == 0.95)
    }

    @Test("A stage that makes its output a link, or puts one that leads out into it, is refused by name")
    func linksAsOutputs() async throws {
        try pipeline("  s: {cmd: 'ln -s raw.txt o', outs: [o]}")
        #expect(try await fixture.failure()?.reason.contains("the output o of stage s is a symbolic link") == true)
        try pipeline("  s: {cmd: 'mkdir o; ln -s ../raw.txt o/l', outs: [o]}")
        #expect(try await fixture.failure()?.reason.contains("leads out of it, l to ../raw.txt") == true)
    }

    @Test("An output comes back from the store with its links and empty directories")
    func restored() async throws {
        try pipeline(
            """
              s: {cmd: 'mkdir -p o/e o/d; echo x > o/a; ln -s a o/l; ln -s d o/to; ln -s none o/no', outs: [o]}
              t: {cmd: 'find o -printf "%y %p %l\\n" | sort > t.txt; echo ${v} >> t.txt', deps: [o], outs: [t.txt]}
            """)
        try fixture.write("params.yaml", "v: 1")
        let first = try await fixture.build()
        try fixture.write("params.yaml", "v: 2")
        let second = try await fixture.build()
        #expect(second.ran == ["t"])
        let seen = "d o \nd o/d \nd o/e \nf o/a \nl o/l a\nl o/no none\nl o/to d\n"
        #expect(try fixture.content(of: "t.txt", in: first) == seen + "1\n")
        #expect(try fixture.content(of: "t.txt", in: second) == seen + "2\n")
    }

    @Test("Removal does not leave the directory while somebody swaps it for a link")
    func race() async throws {
        let directory = try ConfinedDirectory(trusted: fixture.project)
        let (real, name) = ("\(fixture.project)/real", "\(fixture.project)/data")
        try FileManager.default.createDirectory(atPath: real, withIntermediateDirectories: true)
        let isOver = Flag()
        await withTaskGroup(of: Void.self) { [outside] group in
            group.addTask {
                while !isOver.isSet.load(ordering: .relaxed) {
                    rename(real, name)
                    rename(name, real)
                    symlink(outside, name)
                    unlink(name)
                }
            }
            var refused = 0
            for _ in 0..<20_000 {
                do { try directory.remove("data/processed") } catch { refused += 1 }
                do { try directory.write("data/made", "x".utf8) } catch { refused += 1 }
            }
            isOver.isSet.store(true, ordering: .relaxed)
            #expect(refused > 0, "no try met the link: the test shows nothing")
        }
        try expectUntouched()
    }
}
