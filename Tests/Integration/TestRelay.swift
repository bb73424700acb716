// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Operations
import Synchronization
import TestSupport
import Testing

/// A whole relay of real processes, with its own ports and directory, that ends with the test.
struct TestRelay: Sendable {
    let directory: String
    /// Kafka's address.
    let kafka: String
    /// Base URL of the captain.
    let captain: String
    /// Base URL for inference.
    let inference: String

    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let binaries = package + "/.build/debug"
    static let environment = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "/tmp", "USER": "tester",
    ]

    /// Starts `relay up`, runs `body`, and stops everything whichever way it ends.
    /// - Parameters:
    ///   - more: what the relay finds in its environment besides.
    ///   - prepared: puts into the directory what is to be there before.
    static func with(
        environment more: [String: String] = [:], prepared: (_ directory: String) async throws -> Void = { _ in },
        _ body: (TestRelay) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/relay-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try await prepared(directory)
        try await run(on: directory, environment: more, body)
        try FileManager.default.removeItem(atPath: directory)
    }

    /// Starts `relay up` on a directory, runs `body`, and stops everything whichever way it ends.
    static func run(
        on directory: String, environment more: [String: String] = [:], _ body: (TestRelay) async throws -> Void
    ) async throws {
        let lines = Mutex<[String]>([])
        let up = try await ChildProcess.spawn(
            Command(
                executable: binaries + "/relay", arguments: ["up", "--data-directory", directory, "--output", "json"],
                environment: environment.merging(more) { $1 },
                output: .lines { _, line in lines.withLock { $0.append(line) } }))
        do {
            let addresses = try await eventually(within: .seconds(40), "relay up: \(lines.withLock { $0 })") {
                let line = lines.withLock { $0.first { $0.hasPrefix("{") } }
                return try line.map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
            }
            let kafka = try #require(addresses["kafka"])
            let captain = try #require(addresses["captain"])
            let inference = try #require(addresses["inference"])
            try await body(
                TestRelay(directory: directory, kafka: kafka, captain: captain, inference: inference))
        } catch {
            await up.terminate(grace: .seconds(15))
            Issue.record("logs of the failed run: \(directory)/logs")
            throw error
        }
        let report = await up.terminate(grace: .seconds(15))
        #expect(report.succeeded, "relay up ended with \(report.status)")
    }

    /// The process id of one of the relay's processes, as it wrote it.
    func processID(of name: String) throws -> Int32 {
        let data = try Data(contentsOf: URL(filePath: "\(directory)/run/\(name).json"))
        let address = try JSONDecoder().decode([String: JSONScalar].self, from: data)
        return try Int32(#require(address["pid"]?.number))
    }

    /// Sends a signal to one process alone, as an operator or the kernel would.
    func signal(_ name: String, _ number: Int32) throws {
        #expect(kill(try processID(of: name), number) == 0)
    }

    /// A copy of a fixture project, changed by `change`, in this relay's directory.
    func project(_ name: String = "quick", _ change: (Project) throws -> Void = { _ in }) throws -> Project {
        let copy = "\(directory)/projects/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: "\(directory)/projects", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(Self.package)/Tests/Fixtures/\(name)", toPath: copy)
        let project = Project(directory: copy)
        try change(project)
        return project
    }
}

/// A project's files on disk.
struct Project: Sendable {
    let directory: String

    /// Replaces text in one of its files; the text must be there.
    func edit(_ file: String, _ old: String, _ new: String) throws {
        let path = "\(directory)/\(file)"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains(old), "\(file) does not hold \(old)")
        try text.replacing(old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
    }

    func write(_ file: String, _ text: String) throws {
        try text.write(toFile: "\(directory)/\(file)", atomically: true, encoding: .utf8)
    }
}

/// A JSON number, or whatever else.
struct JSONScalar: Decodable, Sendable {
    let number: Double?

    init(from decoder: any Decoder) throws {
        number = try? decoder.singleValueContainer().decode(Double.self)
    }
}
