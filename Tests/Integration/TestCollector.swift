// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

/// A span as the collector of these tests read it, with code that the suite has no part in.
struct SeenSpan: Decodable, Sendable {
    var service: String
    var instance: String
    var trace: String
    var id: String
    var parent: String?
    var name: String
    /// Attributes, numbers as text.
    var texts: [String: String]
    var links: [String]
    var failure: String?

    /// Which attempt it is of: duty and number.
    var attempt: String { "\(texts["relay.duty"] ?? "-") \(texts["relay.attempt"] ?? "-")" }
}

/// A collector of traces that takes nothing but what is exactly OTLP.
struct TestCollector: Sendable {
    let url: String
    /// What it wrote.
    let lines: @Sendable () -> [String]

    /// Starts it, runs `body`, and stops it whichever way it ends.
    /// - Parameter tls: A file of key and certificate, and what else the collector is told about TLS.
    static func with(tls: [String] = [], _ body: (TestCollector) async throws -> Void) async throws {
        let lines = Mutex<[String]>([])
        let child = try await ChildProcess.spawn(
            Command(
                executable: "/usr/bin/python3",
                arguments: ["-W", "ignore", TestRelay.package + "/Tests/Fixtures/collector.py"] + tls,
                environment: TestRelay.environment, output: .lines { _, line in lines.withLock { $0.append(line) } }))
        do {
            let port = try await eventually(within: .seconds(20), "the collector") { lines.withLock { $0.first } }
            try await body(
                TestCollector(
                    url: "\(tls.isEmpty ? "http" : "https")://127.0.0.1:\(port)",
                    lines: { Array(lines.withLock { $0 }.dropFirst()) }))
        } catch {
            await child.terminate(grace: .seconds(5))
            throw error
        }
        await child.terminate(grace: .seconds(5))
    }

    /// What it took, in the order of arrival.
    func spans() throws -> [SeenSpan] {
        try lines().map { line in
            try #require(line.hasPrefix("{"), "\(line)")
            return try JSONDecoder().decode(SeenSpan.self, from: Data(line.utf8))
        }
    }
}
