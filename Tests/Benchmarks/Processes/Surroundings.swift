// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization

/// Where a run finds programs and keeps what it writes.
struct Surroundings: Sendable {
    /// The directory of this executable, which holds the suite's as well.
    let executables: String
    /// A directory of the run's own.
    let scratch: String
    /// The checkout, for the Python loop and the page.
    let package: String
    let python: String?

    static func make(python: String?) throws -> Surroundings {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let scratch = FileManager.default.temporaryDirectory.path + "/relay-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        return Surroundings(
            executables: URL(filePath: own).deletingLastPathComponent().path, scratch: scratch,
            package: FileManager.default.currentDirectoryPath, python: python)
    }

    func executable(_ name: String) throws -> String {
        let path = "\(executables)/\(name)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw BenchFailure("\(path) is missing: build it, or run `make bench`")
        }
        return path
    }

    /// A new directory below the scratch directory.
    func directory(_ name: String) throws -> String {
        let path = "\(scratch)/\(name)-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    func remove() { try? FileManager.default.removeItem(atPath: scratch) }

    static let environment = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "/tmp",
    ]

    /// Runs a program to its end and gives what it wrote to standard output, a line an element.
    func lines(_ executable: String, _ arguments: [String]) async throws -> [String] {
        let said = Mutex<(output: [String], errors: [String])>(([], []))
        let command = Command(
            executable: executable, arguments: arguments, environment: Self.environment,
            output: .lines { stream, line in
                said.withLock { said in
                    if stream == .standardOutput { said.output.append(line) } else { said.errors.append(line) }
                }
            })
        let report = try await ChildProcess.run(command)
        let (output, errors) = said.withLock { ($0.output, $0.errors) }
        guard report.succeeded else {
            throw BenchFailure("\(executable) \(arguments.first ?? ""): \(report.status): \(errors.suffix(5))")
        }
        return output
    }
}
