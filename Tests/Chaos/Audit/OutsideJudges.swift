// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Synchronization

/// Asks the suite's own auditors: `relay judge` and `relay ledger verify`.
struct OutsideJudges: Sendable {
    let relay: String
    let bootstrapServers: String

    /// What one of them said.
    struct Verdict: Sendable, Codable {
        var command: String
        /// Whether it found nothing wrong.
        var isClean: Bool
        /// All that it wrote.
        var output: String
    }

    func ask(_ arguments: [String]) async throws -> Verdict {
        let lines = Mutex<[String]>([])
        let report = try await ChildProcess.run(
            Command(
                executable: relay, arguments: arguments,
                environment: ["PATH": "/usr/bin:/bin", "RELAY_KAFKA_BOOTSTRAP_SERVERS": bootstrapServers],
                output: .lines { _, line in lines.withLock { $0.append(line) } }))
        return Verdict(
            command: "relay " + arguments.joined(separator: " "), isClean: report.succeeded,
            output: lines.withLock { $0.joined(separator: "\n") })
    }

    /// Whether this build has the command.
    func has(_ command: String) async throws -> Bool {
        try await ask(["--help"]).output.split(separator: "\n").contains { $0.hasPrefix("  \(command) ") }
    }
}
