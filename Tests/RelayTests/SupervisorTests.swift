// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import RelayCommands
@testable import RelaySupervisor
@testable import RelayTerminal

@Suite("The processes of a relay on one machine", .timeLimit(.minutes(1)))
struct SupervisorTests {
    /// A process that says when it has begun and when it was asked to end.
    private func process(_ name: String, _ directory: String) -> SuiteProcess {
        SuiteProcess(
            name: name, executable: "/bin/sh",
            arguments: { _ in
                [
                    "-c",
                    "trap 'sleep 0.2; echo \(name) ended >> \(directory)/said; exit 0' TERM; "
                        + "echo \(name) began >> \(directory)/said; while :; do sleep 0.01; done",
                ]
            }, environment: { _ in ["PATH": "/usr/bin:/bin"] })
    }

    @Test("end from the inside out, also when all is called off at once: who is needed until the end ends last")
    func order() async throws {
        let layout = SuiteLayout(
            dataDirectory: FileManager.default.temporaryDirectory.appending(path: "suite-\(UUID())").path())
        try layout.prepare()
        let said: @Sendable () -> [String] = {
            let text = try? String(contentsOfFile: layout.dataDirectory + "/said", encoding: .utf8)
            return text?.split(separator: "\n").map(String.init) ?? []
        }
        let supervisor = Supervisor(
            layout: layout, names: ["broker", "service"], observer: StartLines(terminal: Terminal(), isQuiet: true))
        let (broker, service) = (process("broker", layout.dataDirectory), process("service", layout.dataDirectory))
        let running = Task {
            try await supervisor.with([broker]) {
                try await supervisor.with([service]) { try await Task.sleep(for: .seconds(60)) }
            }
        }
        _ = try await eventually(within: .seconds(20), "both to begin") { said().count == 2 ? true : nil }
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        #expect(said().suffix(2) == ["service ended", "broker ended"])
        try FileManager.default.removeItem(atPath: layout.dataDirectory)
    }
}
