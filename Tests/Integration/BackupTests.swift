// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

extension WholeRelay {
    @Suite("A relay that is restored from a backup")
    struct Restored {
        @Test(
            "goes on where it was: the baton that was out comes to its end, and neither judge nor ledger see a break",
            .timeLimit(.minutes(8)))
        func goesOn() async throws {
            let kept = FileManager.default.temporaryDirectory.path + "/kept-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: kept) }
            try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
            // Outside of both relays: the requests name it.
            let project = Project(directory: "\(kept)/project")
            try FileManager.default.copyItem(
                atPath: "\(TestRelay.package)/Tests/Fixtures/quick", toPath: project.directory)
            // Traffic is not what is tested.
            try project.edit("relay.yaml", "minimumPredictions: 10", "minimumPredictions: 1")
            var batons: (finished: String, out: String) = ("", "")
            try await TestRelay.with { relay in
                batons.finished = try await relay.release(project)
                #expect(try await relay.finish(batons.finished).state.ending?.kind == "finished")
                // Long enough to be at work while the backup is taken.
                batons.out = try await relay.release(project, parameters: #"{"work.mebibytes":1200}"#)
                try await relay.working(batons.out, at: "build")
                try await Self.relay(["backup", "--bootstrap-servers", relay.kafka, "--to", "\(kept)/backup"])
                for name in ["store", "policy.yaml", "rate-card.yaml"] {
                    try FileManager.default.copyItem(atPath: "\(relay.directory)/\(name)", toPath: "\(kept)/\(name)")
                }
            }
            try await TestRelay.with(prepared: { try await Self.restore(kept, into: $0) }) { relay in
                let seen = try await relay.finish(batons.out, within: .seconds(180))
                #expect(seen.state.ending?.kind == "finished", "\(seen.state.ending?.reason ?? "")")
                try await relay.expectExactlyOnce(batons.out)
                try await relay.expectExactlyOnce(batons.finished)
                let (verdict, code) = try await relay.judge(["--until-settled", "60s"])
                #expect(code == 0 && verdict.settled == true, "\(verdict)")
                try await Self.relay(["ledger", "verify", "--bootstrap-servers", relay.kafka])
            }
        }

        /// Fills the directory of a relay that was not started yet: its broker from the backup, its store as it was.
        private static func restore(_ kept: String, into directory: String) async throws {
            for name in ["store", "policy.yaml", "rate-card.yaml"] {
                try FileManager.default.copyItem(atPath: "\(kept)/\(name)", toPath: "\(directory)/\(name)")
            }
            try await LoneBroker.with(directory: directory) { kafka in
                try await relay(["restore", "--bootstrap-servers", kafka, "--from", "\(kept)/backup"])
            }
        }

        private static func relay(_ arguments: [String]) async throws {
            let lines = Mutex<[String]>([])
            let report = try await TestRelay.command(arguments) { _, line in lines.withLock { $0.append(line) } }
            try #require(report.succeeded, "relay \(arguments.joined(separator: " ")): \(lines.withLock { $0 })")
        }
    }
}
