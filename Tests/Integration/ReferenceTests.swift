// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization
import Testing

@Suite("Reference of the configuration")
struct ReferenceTests {
    static let services = ["captain", "pipeline", "deploy", "monitor", "governance"]

    @Test("The configuration page says what the services say of themselves; `make reference` writes it")
    func page() async throws {
        let page = try String(contentsOfFile: TestRelay.package + "/docs/configuration.md", encoding: .utf8)
        let generated = try #require(page.split(separator: "<!-- begin of what `make reference` writes -->").last)
        let written = Self.sections(of: String(generated))
        var said: [String] = []
        for service in Self.services {
            let answer = try await Self.run(service, "--help=markdown")
                .replacing(/RELAY_(PIPELINE|DEPLOY|MONITOR|GOVERNANCE)_WORK_LIMIT/, with: "RELAY_<SERVICE>_WORK_LIMIT")
            for section in Self.sections(of: answer) where !said.contains(section) { said.append(section) }
        }
        #expect(said.count > 5)
        #expect(written == said)
    }

    @Test("Every service answers --help and --version and starts nothing", arguments: services)
    func questions(_ service: String) async throws {
        #expect(try await Self.run(service, "--version").contains(/^\d+\.\d+\.\d+\n$/))
        #expect(try await Self.run(service, "--help").contains("--kafka-bootstrap-servers (127.0.0.1:9092)"))
    }

    private static func sections(of text: String) -> [String] {
        text.split(separator: "## ").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }
    }

    private static func run(_ service: String, _ question: String) async throws -> String {
        let lines = Mutex<[String]>([])
        let report = try await ChildProcess.run(
            Command(
                executable: "\(TestRelay.binaries)/relay-\(service)", arguments: [question],
                environment: TestRelay.environment,
                output: .lines { stream, line in if stream == .standardOutput { lines.withLock { $0.append(line) } } }))
        #expect(report.succeeded)
        return lines.withLock { $0.joined(separator: "\n") } + "\n"
    }
}
