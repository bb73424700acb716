// SPDX-License-Identifier: Apache-2.0

import Baton
import ChildProcess
package import ConfinedFiles
import Digest
import Foundation
import Operations
import Synchronization

/// What runs the stages' commands: programs of the machine, which no file of the project pins.
package final class Interpreters: Sendable {
    private let known = Mutex<[String: String]>([:])
    private let surroundings: StageSurroundings
    private let project: ConfinedDirectory

    /// What runs commands in these surroundings, for a project.
    package init(_ surroundings: StageSurroundings, project: ConfinedDirectory) {
        (self.surroundings, self.project) = (surroundings, project)
    }

    /// Describes the machine and every program that a word of the commands names, so that a change of one of them
    /// changes the text: the program's digest, and for Python every installed distribution with its version. Where a
    /// program is does not matter, so machines that have the same ones share results.
    package func describe(_ commands: [String]) async throws -> [String] {
        var described = ["machine \(Self.machine())"]
        for word in Set(commands.flatMap(Self.words)).sorted() {
            guard let program = surroundings.path.program(word) else { continue }
            described.append("\(word) \(try await describe(program: program))")
        }
        return described
    }

    private func describe(program: String) async throws -> String {
        if let text = known.withLock({ $0[program] }) { return text }
        let (digest, runner) = try await onThreadOfItsOwn { [surroundings] in
            (try FileDigest(path: program).sha256, Self.runner(of: program, surroundings.path))
        }
        var text = "\(digest)"
        for python in [program, runner].compactMap(\.self) where Self.isPython(python) {
            text += " \(try await distributions(of: python))"
        }
        known.withLock { $0[program] = text }
        return text
    }

    private func distributions(of python: String) async throws -> ContentDigest {
        let lines = RecentLines(limit: 5000)
        let script = """
            import importlib.metadata, sys
            lines = {f"{d.metadata['Name']}=={d.version}" for d in importlib.metadata.distributions()}
            sys.stdout.write("\\n".join([sys.version.replace("\\n", " "), *sorted(lines)]))
            """
        // Run in the project, because the `python` of a version manager reads there which version is meant; and
        // isolated (-I), so that modules of the project do not stand in for Python's.
        let report = try await ChildProcess.run(
            Command(
                executable: python, arguments: ["-I", "-B", "-c", script], environment: surroundings.questionVariables,
                workingDirectory: project.path, output: .lines { lines.add($1) }))
        try Task.checkCancellation()
        guard report.succeeded else {
            throw Refusal("\(python) cannot say what is installed: \(lines.all.suffix(3).joined(separator: " "))")
        }
        return SHA256.hash(lines.all.joined(separator: "\n"))
    }

    private static func isPython(_ program: String) -> Bool {
        program.split(separator: "/").last?.wholeMatch(of: /python[0-9.]*/) != nil
    }

    /// What runs a script, by its first line; nil for what is no script.
    private static func runner(of program: String, _ path: StagePath) -> String? {
        guard let file = FileHandle(forReadingAtPath: program), let start = try? file.read(upToCount: 256),
            start.starts(with: "#!".utf8),
            let line = String(decoding: start.dropFirst(2), as: UTF8.self).split(separator: "\n").first
        else { return nil }
        let words = line.split(separator: " ").map(String.init)
        return words.first.flatMap { first in
            first.hasSuffix("/env") ? words.dropFirst().first { !$0.hasPrefix("-") }.flatMap(path.program) : first
        }
    }

    /// Every word of a command that may name a program. The shell's grammar is not understood: a word too many only
    /// adds to the key.
    static func words(of command: String) -> [String] {
        command.split { $0.isWhitespace || ";|&()<>`$={}\"'\\,".contains($0) }.map(String.init)
    }

    private static func machine() -> String {
        let release = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? "unknown"
        #if arch(x86_64)
            let architecture = "x86_64"
        #elseif arch(arm64)
            let architecture = "aarch64"
        #else
            let architecture = "other"
        #endif
        return "\(architecture) \(SHA256.hash(release))"
    }
}
