// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Operations
import Synchronization
import TestSupport
import Testing

/// Binaries of the last release, named by `make upgrade-test`; without them there is nothing to test.
private let oldBinaries = ProcessInfo.processInfo.environment["UPGRADE_OLD_BINARIES"] ?? ""

extension WholeRelay {
    /// Services of two releases side by side on one Kafka, with batons under way all the time.
    @Suite("A relay that is upgraded while it runs", .enabled(if: !oldBinaries.isEmpty))
    struct Upgraded {
        @Test(
            "carries every baton to its end, each handoff exactly once, from the old release to the new and back",
            .timeLimit(.minutes(20)))
        func thereAndBack() async throws {
            try await withBroker { directory, kafka in
                let fleet = Fleet(directory: directory, kafka: kafka)
                try await fleet.prepare()
                do {
                    try await race(fleet, kafka, directory)
                } catch {
                    await fleet.stop()
                    throw error
                }
                await fleet.stop()
            }
        }

        private func race(_ fleet: Fleet, _ kafka: String, _ directory: String) async throws {
            try await fleet.start(from: oldBinaries)
            let projects = try (0..<Stream.models).map { try Stream.project($0, in: directory) }
            let stream = Stream(kafka: kafka, projects: projects)
            var replacements: [[Fleet.Replacement]] = [[], []]
            let (begin, asked) = try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await stream.ask() }
                group.addTask { try await stream.play(to: fleet) }
                let begin = ContinuousClock.now
                for (index, binaries) in [TestRelay.binaries, oldBinaries].enumerated() {
                    for service in Fleet.services {
                        // Some batons by the mixture before it changes again.
                        try await stream.asked(more: 2)
                        replacements[index].append(try await fleet.replace(service, from: binaries))
                    }
                }
                try await stream.asked(more: 2)
                stream.end()
                let verdict = try await judge(kafka)
                #expect(verdict.passed && verdict.settled == true, "\(verdict.violations)")
                return (begin, stream.count)
            }
            let ends = try await ends(of: kafka)
            #expect(ends.count == asked)
            #expect(ends.filter { $0.value.kind != "finished" }.map { "\($0.key) \($0.value)" } == [])
            try report(replacements, ends, since: begin, kafka)
        }

        private func judge(_ kafka: String) async throws -> SeenVerdict {
            let lines = Mutex<[String]>([])
            _ = try await TestRelay.command(
                ["judge", "--bootstrap-servers", kafka, "--output", "json", "--until-settled", "180s"]
            ) { _, line in lines.withLock { $0.append(line) } }
            return try JSONDecoder().decode(SeenVerdict.self, from: Data((lines.withLock { $0.last } ?? "").utf8))
        }

        private typealias End = (kind: String, reason: String)

        /// How each baton ended, by the last of its states.
        private func ends(of kafka: String) async throws -> [String: End] {
            var ends: [String: End] = [:]
            for state in try await KafkaOutside(bootstrapServers: kafka).values(of: "relay.batons") {
                let ending = state["current"] == nil ? state["ending"] as? [String: Any] : nil
                ends[try #require(state["id"] as? String)] = (
                    ending?["kind"] as? String ?? "under way", ending?["reason"] as? String ?? ""
                )
            }
            return ends
        }

        /// For `make upgrade-test` to show.
        private func report(
            _ replacements: [[Fleet.Replacement]], _ ends: [String: End], since begin: ContinuousClock.Instant,
            _ kafka: String
        ) throws {
            func seconds(_ duration: Duration) -> String {
                let (seconds, attoseconds) = duration.components
                return "\(Double(seconds * 10 + attoseconds / 100_000_000_000_000_000) / 10) s"
            }
            let finished = ends.values.count { $0.kind == "finished" }
            var lines = ["\(ends.count) batons, \(finished) finished; \(seconds(.now - begin)) with the judge"]
            for (direction, list) in zip(["old to new", "new to old"], replacements) {
                for replacement in list {
                    lines.append(
                        "\(direction)  \(replacement.service)  new ready after \(seconds(replacement.ready)), "
                            + "old ended after \(seconds(replacement.ended))")
                }
            }
            try lines.joined(separator: "\n").appending("\n").write(
                toFile: "\(TestRelay.package)/.build/upgrade-report.txt", atomically: true, encoding: .utf8)
        }

        /// Runs `body` with a broker of its own; Kafka is not what is upgraded.
        private func withBroker(_ body: (_ directory: String, _ kafka: String) async throws -> Void) async throws {
            let directory = FileManager.default.temporaryDirectory.path + "/relay-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            do {
                try await LoneBroker.with(directory: directory) { try await body(directory, $0) }
            } catch {
                Issue.record("logs of the failed run: \(directory)/logs")
                throw error
            }
            try FileManager.default.removeItem(atPath: directory)
        }
    }
}
