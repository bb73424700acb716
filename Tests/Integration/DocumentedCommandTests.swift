// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import TestSupport
import Testing

extension WholeRelay {
    @Suite("The documentation's commands")
    struct DocumentedCommandTests {
        @Test("lead from nothing to one's own model", .timeLimit(.minutes(6)))
        func tutorial() async throws {
            let directory = FileManager.default.temporaryDirectory.path + "/tutorial-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let script = try DocumentedCommands(page: "docs/tutorial.md").blocks.joined(separator: "\n")
            // Whichever way it ends, the relay that it started must not stay.
            let bounded = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + script
            let (report, output) = try await DocumentedCommands.run(bounded, in: directory)
            #expect(report.succeeded, "\(report.status)\n\(output.suffix(4_000))")
            for said in ["takeover-ordered", "a gate failed: metric accuracy", "HTTP/1.1 202", "0 violations, "] {
                #expect(output.contains(said), "\(said) is not in\n\(output.suffix(4_000))")
            }
        }

        @Test("do what their page says, on a relay", .timeLimit(.minutes(4)))
        func others() async throws {
            try await TestRelay.with { relay in
                let stage = try await Stage(relay)
                var ran = 0
                for page in try DocumentedCommands.pages() where page.page != "docs/tutorial.md" {
                    for command in page.commands {
                        guard let script = try await stage.script(for: command) else { continue }
                        let (report, output) = try await DocumentedCommands.run(
                            script, in: stage.directory, ["RELAY_KAFKA_BOOTSTRAP_SERVERS": relay.kafka])
                        ran += 1
                        #expect(report.succeeded, "\(page.page): \(script)\n\(report.status) \(output.suffix(2_000))")
                    }
                }
                #expect(ran >= 12)
            }
        }

        @Test("that are of make or compose name what there is", arguments: try DocumentedCommands.pages())
        func named(page: DocumentedCommands) throws {
            let makefile = try String(contentsOfFile: "\(TestRelay.package)/Makefile", encoding: .utf8)
            for command in page.commands {
                for target in command.matches(of: /^make ([a-z-]+)/) {
                    #expect(makefile.contains("\n\(target.1):"), "\(page.page): \(command)")
                }
                for file in command.matches(of: /-f (compose\/\S+)/) {
                    #expect(FileManager.default.fileExists(atPath: "\(TestRelay.package)/\(file.1)"), "\(command)")
                }
            }
        }
    }

    /// A relay with what the pages take for granted: a project, a baton under way, a dead letter.
    private struct Stage {
        let directory: String
        private let relay: TestRelay
        private let project: Project
        private let replacements: [(String, String)]

        init(_ relay: TestRelay) async throws {
            directory = relay.directory + "/reader"
            let files = FileManager.default
            try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try files.createSymbolicLink(atPath: directory + "/.relay", withDestinationPath: relay.directory)
            self.relay = relay
            project = try relay.project()
            try await relay.outside.publish("no json", to: "relay.inbox", headers: ["ce_id": "1"])
            let letter = try await eventually(within: .seconds(20), "the dead letter") {
                try await relay.outside.lines(of: "relay.dead-letters", format: "%p:%o\\n").first
            }
            replacements = [
                ("127.0.0.1:9092", relay.kafka), ("http://127.0.0.1:8080", relay.captain),
                ("/projects/iris", project.directory), ("\"iris\"", "\"quick\""),
                ("3:17", letter), ("--captain http://...", "--captain \(relay.captain)"), ("--watch 5m", "--watch 2s"),
                ("curl -i ", "curl -i --fail-with-body "), ("kcat -C ", "kcat -C -e "),
                (
                    "kafka-1:9092,kafka-2:9092 relay-pipeline",
                    "\(relay.kafka) timeout --preserve-status 5 relay-pipeline"
                ),
                (".build/debug/", TestRelay.binaries + "/"),
            ]
        }

        /// Nil for what another test runs: `make` and containers, and for settings of a cluster elsewhere.
        func script(for command: String) async throws -> String? {
            let isElsewhere = ["docker ", "kafka-1:9093"].contains { command.contains($0) }
            if isElsewhere || ["make ", "#"].contains(where: command.hasPrefix) { return nil }
            // It needs a chain that is broken, which `BrokenChainTests` makes.
            if command.hasPrefix("relay ledger quarantine") { return nil }
            // It would read a file that is not here.
            if command.hasPrefix("export RELAY_KAFKA_PROPERTIES_FILE") { return nil }
            let script = replacements.reduce(command) { $0.replacing($1.0, with: $1.1) }
            guard script.contains("<baton>") else { return script }
            // Anew: one from before may have ended by now.
            let baton = try await relay.release(project, parameters: #"{"work.mebibytes":300}"#)
            try await relay.working(baton, at: "build")
            return script.replacing("<baton>", with: baton)
        }
    }
}
