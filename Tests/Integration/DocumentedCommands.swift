// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization
import Testing

/// The shell commands of the documentation: what stands in blocks marked `sh`, and in indented ones.
struct DocumentedCommands: Sendable, CustomTestStringConvertible {
    /// Relative to the package.
    let page: String
    /// One script for each block, in the page's order.
    let blocks: [String]

    var testDescription: String { page }

    init(page: String) throws {
        self.page = page
        let text = try String(contentsOfFile: "\(TestRelay.package)/\(page)", encoding: .utf8)
        blocks = text.matches(of: /^```sh\n((?:.|\n)*?)^```$/.anchorsMatchLineEndings()).map { String($0.1) }
    }

    static func pages() throws -> [DocumentedCommands] {
        let below = try FileManager.default.subpathsOfDirectory(atPath: "\(TestRelay.package)/docs")
        return try (["README.md"] + below.sorted().map { "docs/\($0)" }).filter { $0.hasSuffix(".md") }
            .map(DocumentedCommands.init(page:)).filter { !$0.blocks.isEmpty }
    }

    /// The commands of all blocks: a line, with those that continue it.
    var commands: [String] { blocks.flatMap(Self.split) }

    /// A quotation that is open at a line's end goes on in the next one, and so does a loop.
    private static func split(_ block: String) -> [String] {
        var commands: [String] = []
        var open = ""
        for line in block.split(separator: "\n") {
            open += (open.isEmpty ? "" : "\n") + line
            let goesOn = line.hasSuffix("\\") || line.hasSuffix("|") || !open.count { $0 == "'" }.isMultiple(of: 2)
            if goesOn || (open.hasPrefix("for ") && line != "done") { continue }
            commands.append(open)
            open = ""
        }
        return open.isEmpty ? commands : commands + [open]
    }

    /// Runs a script with the suite's commands at hand; gives what it wrote.
    static func run(_ script: String, in directory: String, _ environment: [String: String] = [:]) async throws
        -> (report: ExitReport, output: String)
    {
        let lines = Mutex<[String]>([])
        let path = "\(TestRelay.binaries):/usr/local/bin:/usr/bin:/bin"
        let report = try await ChildProcess.run(
            Command(
                executable: "/bin/bash", arguments: ["-euo", "pipefail", "-c", script],
                environment: TestRelay.environment.merging(["PATH": path]) { $1 }.merging(environment) { $1 },
                workingDirectory: directory, output: .lines { _, line in lines.withLock { $0.append(line) } }))
        return (report, lines.withLock { $0.joined(separator: "\n") })
    }
}
