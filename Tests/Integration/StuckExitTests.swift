// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import TestSupport
import Testing

@Suite("A process that has stopped")
struct StuckExitTests {
    @Test("ends at once, whatever handlers of exit may wait for", .timeLimit(.minutes(1)))
    func ends() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/stuck-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let log = "\(directory)/pipeline.log"
        let leg = try await ChildProcess.spawn(
            Command(
                executable: TestRelay.binaries + "/relay-pipeline",
                environment: TestRelay.environment.merging([
                    "LD_PRELOAD": TestRelay.binaries + "/libStuckExit.so",
                    "RELAY_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "RELAY_HTTP_PORT": "0",
                    "RELAY_DATA_DIRECTORY": directory, "RELAY_STORE_DIRECTORY": "\(directory)/store",
                    "RELAY_LOG_FORMAT": "json",
                ]) { $1 },
                output: .appending(toFile: log)))
        do {
            try await eventually(within: .seconds(40), "started in \(log)") {
                try String(contentsOfFile: log, encoding: .utf8).contains("\"started\"") ? () : nil
            }
        } catch {
            _ = await leg.terminate(grace: .zero)
            throw error
        }
        let report = await leg.terminate(grace: .seconds(20))
        let said = try String(contentsOfFile: log, encoding: .utf8)
        #expect(report.status == .exited(0), "\(said.suffix(2000))")
        #expect(said.contains("\"stopped\""))
    }
}
