// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization
import Testing

/// Reads and writes a relay's topics with kcat: a client that shares no code with the suite.
struct KafkaOutside: Sendable {
    let bootstrapServers: String
    static let kcat = "/usr/bin/kcat"

    /// The committed values of a topic, from its beginning to its end as of now.
    func values(of topic: String) async throws -> [[String: Any]] {
        try await lines(of: topic, format: "%s\\n").map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any], "\(topic): \($0)")
        }
    }

    /// The committed records of a topic, each written in kcat's format.
    ///
    /// kcat ends when it is at the end of all partitions at once, and hears of an end when a fetch comes back empty.
    /// Routers mark the predictions twice a second each, so with librdkafka's 500 ms of waiting it might never hear.
    func lines(of topic: String, format: String) async throws -> [String] {
        try await run([
            "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-X", "isolation.level=read_committed",
            "-X", "fetch.wait.max.ms=50", "-f", format,
        ])
    }

    /// The names of all topics.
    func topics() async throws -> [String] {
        struct Listing: Decodable {
            struct Topic: Decodable { var topic: String }
            var topics: [Topic]
        }
        let text = try await run(["-L", "-J"]).joined()
        return try JSONDecoder().decode(Listing.self, from: Data(text.utf8)).topics.map(\.topic)
    }

    /// How often each duty's handoff of a baton was accepted, by the journal.
    func acceptedHandoffs(of baton: String) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for entry in try await journal(of: baton) where entry["action"] as? String == "handoff-accepted" {
            counts[try #require(entry["duty"] as? String), default: 0] += 1
        }
        return counts
    }

    func journal(of baton: String) async throws -> [[String: Any]] {
        try await values(of: "relay.journal").filter { $0["baton"] as? String == baton }
    }

    /// Publishes one event in CloudEvents' binary mode.
    /// - Parameter options: further ones of kcat's.
    func publish(
        _ value: String, to topic: String, headers: [String: String], options more: [String] = []
    ) async throws {
        let file = FileManager.default.temporaryDirectory.path + "/event-\(UUID().uuidString)"
        try value.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let options = headers.sorted { $0.key < $1.key }.flatMap { ["-H", "\($0.key)=\($0.value)"] }
        _ = try await run(["-P", "-t", topic, "-X", "acks=all"] + options + more + [file])
    }

    private func run(_ arguments: [String]) async throws -> [String] {
        let lines = Mutex<[String]>([])
        let errors = Mutex<[String]>([])
        let report = try await ChildProcess.run(
            Command(
                executable: Self.kcat, arguments: ["-b", bootstrapServers] + arguments,
                environment: TestRelay.environment,
                output: .lines { stream, line in
                    if stream == .standardOutput { lines.withLock { $0.append(line) } }
                    if stream == .standardError { errors.withLock { $0.append(line) } }
                }))
        try #require(report.succeeded, "kcat \(arguments): \(report.status) \(errors.withLock { $0 })")
        return lines.withLock { $0 }
    }
}

extension TestRelay {
    var outside: KafkaOutside { KafkaOutside(bootstrapServers: kafka) }

    /// Every duty of a finished baton was accepted exactly once.
    func expectExactlyOnce(_ baton: String) async throws {
        let duties = ["admission", "build", "verification", "approval", "rollout", "watch", "closing"]
        let expected = Dictionary(uniqueKeysWithValues: duties.map { ($0, 1) })
        #expect(try await outside.acceptedHandoffs(of: baton) == expected)
    }
}
