// SPDX-License-Identifier: Apache-2.0

import Baton
import ChildProcess
import Digest
import Foundation
import Synchronization

/// What runs the stages' commands: programs of the machine, which no file of the project pins.
final class Interpreters: Sendable {
    private let known = Mutex<[String: String]>([:])
    private let workspace: Workspace

    /// - Parameter workspace: where a program may write while it is asked.
    init(workspace: Workspace) { self.workspace = workspace }

    /// Describes the machine and the programs that the commands begin with, so that a change of one of them changes
    /// the text: the digest of the program, and for Python every installed distribution with its version.
    func describe(_ commands: [String]) async throws -> [String] {
        var described = ["machine \(Self.machine())"]
        for program in Set(commands.compactMap(Self.program)).sorted() {
            if let text = known.withLock({ $0[program] }) {
                described.append(text)
                continue
            }
            let text = try await describe(program: program)
            known.withLock { $0[program] = text }
            described.append(text)
        }
        return described
    }

    private func describe(program: String) async throws -> String {
        let digest = try await BlockingWork.run { try FileDigest(path: program).sha256 }
        let name = program.split(separator: "/").last.map(String.init) ?? program
        guard name.hasPrefix("python") else { return "\(program) \(digest)" }
        let lines = RecentLines(limit: 2000)
        let script = """
            import importlib.metadata, sys
            lines = {f"{d.metadata['Name']}=={d.version}" for d in importlib.metadata.distributions()}
            sys.stdout.write("\\n".join([sys.version.replace("\\n", " "), *sorted(lines)]))
            """
        let environment = StageEnvironment.of("", project: workspace.checkout, workspace: workspace)
        let report = try await ChildProcess.run(
            Command(
                executable: program, arguments: ["-c", script], environment: environment,
                workingDirectory: workspace.home, output: .lines { lines.add($1) }))
        try Task.checkCancellation()
        guard report.succeeded else {
            throw Refusal("\(program) cannot say what is installed: \(lines.all.suffix(3).joined(separator: " "))")
        }
        return "\(program) \(digest) \(SHA256.hash(lines.all.joined(separator: "\n")))"
    }

    /// The path of the program that a command begins with; nil when that is a builtin of the shell or not found.
    private static func program(_ command: String) -> String? {
        // Variables may be set before the program is named.
        guard let word = command.split(separator: " ").first(where: { !$0.contains("=") }) else { return nil }
        if word.hasPrefix("/") {
            return FileManager.default.isExecutableFile(atPath: String(word)) ? String(word) : nil
        }
        if word.contains("/") { return nil }
        return StageEnvironment.path.split(separator: ":").map { "\($0)/\(word)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
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
