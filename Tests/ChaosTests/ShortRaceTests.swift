// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization
import Testing

@testable import Chaos

/// The race that is part of every test run.
enum ShortRace {
    static let seed: UInt64 = 1
    static let seconds = 35
}

@Suite("A short race while everything breaks")
struct ShortRaceTests {
    @Test("loses nothing, does nothing twice, and ends", .timeLimit(.minutes(6)))
    func race() async throws {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let lines = Mutex<[String]>([])
        let report = try await ChildProcess.run(
            Command(
                executable: "\(package)/.build/debug/relay-chaos",
                arguments: [
                    "--seed", String(ShortRace.seed), "--seconds", String(ShortRace.seconds), "--short", "--no-root",
                    "--output", "json", "--fixture", "\(package)/Tests/Fixtures/quick",
                ],
                environment: ["PATH": "/usr/bin:/bin", "TMPDIR": FileManager.default.temporaryDirectory.path],
                output: .lines { _, line in lines.withLock { $0.append(line) } }),
            grace: .seconds(20))
        let output = lines.withLock { $0.joined(separator: "\n") }
        try #require(report.succeeded, "\(output)")
        let race = try JSONDecoder().decode(ChaosReport.self, from: Data(output.utf8))
        #expect(race.isClean)
        #expect(Set(race.faults.keys) == Set(FaultKind.allCases.map(\.rawValue)).subtracting(["full-disk"]))
        #expect(race.batons.requested > 5)
        #expect(race.batons.byEnding.values.reduce(0, +) == race.batons.requested)
    }
}
