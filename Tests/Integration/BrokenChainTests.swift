// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

extension WholeRelay {
    @Suite("A relay whose ledger somebody else writes to")
    struct BrokenChain {
        @Test(
            "goes on but for that chain, whose batons wait; says what is wrong; and goes on when it is put aside",
            .timeLimit(.minutes(4)))
        func foreign() async throws {
            try await TestRelay.with { relay in
                let project = try relay.project()
                let first = try await relay.release(project)
                #expect(try await relay.finish(first).state.ending?.kind == "finished")
                let entry = try await relay.outside.forge("relay.ledger", of: "") { $0.contains(first) }
                // Started again, it reads the chain as it is.
                for name in ["governance", "governance-fallback"] { try relay.signal(name, SIGKILL) }
                let (sick, words) = try await Self.run(["doctor", "--data-directory", relay.directory])
                _ = try await eventually(within: .seconds(60), pause: .seconds(1), "what the doctor says: \(words)") {
                    let (code, lines) = try await Self.run(["doctor", "--data-directory", relay.directory])
                    return code == 1
                        && lines.contains { $0.contains("offset \(entry.offset)") && $0.contains("broken since") }
                        ? true : nil
                }
                #expect(sick != 2)
                let (broken, verify) = try await Self.run(["ledger", "verify", "--bootstrap-servers", relay.kafka])
                #expect(broken == 1 && verify.contains { $0.hasPrefix("BROKEN") }, "\(verify)")

                // One whose decisions go to that chain waits.
                var waiting: String?
                for _ in 0..<40 where waiting == nil {
                    let baton = try await relay.release(project)
                    let entries = try await eventually(within: .seconds(20), "its first decision") {
                        let lines = try await relay.outside.lines(of: "relay.journal", format: "%p\\t%k\\n")
                        return lines.first { $0.hasSuffix(baton) }
                    }
                    if entries.hasPrefix("\(entry.partition)\t") { waiting = baton }
                }
                let held = try #require(waiting)
                _ = try await eventually(within: .seconds(30), "what it waits for") {
                    let answer = try? await relay.look(held)
                    return answer?.progress?.note?.contains("relay ledger quarantine") == true ? true : nil
                }
                let (done, aside) = try await Self.run([
                    "ledger", "quarantine", "--data-directory", relay.directory, "--partition", "\(entry.partition)",
                    "--reason", "a test wrote it",
                ])
                #expect(done == 0, "\(aside)")
                #expect(try await relay.finish(held).state.ending?.kind == "finished")
                let (sound, after) = try await Self.run(["ledger", "verify", "--bootstrap-servers", relay.kafka])
                #expect(sound == 0 && after.contains { $0.hasPrefix("put aside") }, "\(after)")
            }
        }

        private static func run(_ arguments: [String]) async throws -> (code: Int, lines: [String]) {
            let lines = Mutex<[String]>([])
            let report = try await TestRelay.command(arguments) { _, line in lines.withLock { $0.append(line) } }
            guard case .exited(let code) = report.status else { return (-1, lines.withLock { $0 }) }
            return (code, lines.withLock { $0 })
        }
    }
}
