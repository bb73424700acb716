// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization

/// The program as people start it.
enum RelayProgram {
    static let path =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/.build/debug/relay"
    static let environment = ["PATH": "/usr/bin:/bin", "HOME": "/tmp", "USER": "tester", "TERM": "xterm"]

    /// Runs a command to its end.
    /// - Parameter descriptors: standard output and error; kept as text unless given.
    static func run(
        _ arguments: [String], environment more: [String: String] = [:], descriptors: (CInt, CInt)? = nil
    ) async throws -> (status: ExitReport.Status, output: String) {
        let lines = Mutex("")
        let report = try await ChildProcess.run(
            Command(
                executable: path, arguments: arguments, environment: environment.merging(more) { $1 },
                output: descriptors.map { .descriptors(standardOutput: $0.0, standardError: $0.1) }
                    ?? .lines { _, line in lines.withLock { $0 += line + "\n" } }))
        return (report.status, lines.withLock { $0 })
    }

    /// A directory that does not exist yet.
    static func directory() -> String {
        FileManager.default.temporaryDirectory.path + "/relay-\(UUID().uuidString)"
    }
}
