// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import TestSupport
import Testing

extension WholeRelay {
    @Suite("A relay that is told to stop")
    struct CalledOff {
        @Test(
            "ends a stage with all that it started within 2 s, and has what it used in the books",
            .timeLimit(.minutes(2)))
        func stage() async throws {
            try await TestRelay.with { relay in
                let project = try relay.project { project in
                    try project.edit(
                        "dvc.yaml", "head -c ${work.mebibytes}M /dev/zero | sha256sum > proof.txt",
                        "head -c ${work.mebibytes}M /dev/zero | sha256sum > proof.txt; (setsid sleep 4711 &); "
                            + "sleep 4711 & trap '' TERM; sleep 4711; sleep 4711")
                }
                let baton = try await relay.release(project, parameters: #"{"work.mebibytes":20}"#)
                _ = try await eventually(within: .seconds(30), "the stage's processes") {
                    Self.sleepers().count == 3 ? true : nil
                }
                let report = try await TestRelay.command(
                    ["cancel", baton, "--reason", "wrong data", "--by", "ann", "--captain", relay.captain]) { _, _ in }
                #expect(report.succeeded)
                let called = ContinuousClock.now
                let seen = try await relay.finish(baton, within: .seconds(10))
                let took = ContinuousClock.now - called
                #expect(Self.sleepers() == [])
                #expect(took < .seconds(4), "it took \(took), a second of it the stage's to end by itself")
                #expect(seen.state.ending?.kind == "cancelled")
                #expect(seen.state.ending?.reason == "ann: wrong data")
                #expect(seen.state.accepted.map(\.duty) == ["admission", "build", "closing"])
                let usage = try await relay.outside.values(of: "relay.ledger").compactMap {
                    ($0["usage"] as? [String: Any])?["resource"] as? String == "cpu-seconds" ? $0["price"] : nil
                }
                let micros = usage.compactMap { ($0 as? [String: Any])?["micros"] as? Int }
                #expect(micros.contains { $0 > 0 }, "\(usage)")
                let (verdict, _) = try await relay.judge(["--until-settled", "30s"])
                #expect(verdict.violations.isEmpty && verdict.passed, "\(verdict)")
            }
        }

        /// Processes that only this test's stage starts.
        private static func sleepers() -> [Int32] {
            let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return all.compactMap { Int32($0) }.filter { id in
                let line = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") ?? Data()
                return line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) } == ["sleep", "4711"]
            }
        }
    }
}
