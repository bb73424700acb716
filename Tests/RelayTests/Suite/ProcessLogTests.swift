// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import RelaySupervisor

@Suite("What a process's log says about its end")
struct ProcessLogTests {
    private func line(_ level: String, _ message: String, _ more: String = "") -> String {
        #"{"time":"t","level":"\#(level)","service":"deploy","instance":"i","message":"\#(message)"\#(more)}"#
    }

    @Test("is what it ended for, with what to do, whatever it said afterwards")
    func critical() {
        let text = [
            line("info", "started"),
            line("critical", "deploy ends: the port is taken", #","remedy":"set another RELAY_DEPLOY_ROUTER_PORT""#),
            line("warning", "a connection was closed"), line("info", "stopped"),
        ].joined(separator: "\n")
        #expect(
            ProcessLog.trouble(in: text) == "deploy ends: the port is taken; set another RELAY_DEPLOY_ROUTER_PORT")
    }

    @Test("is the line about a wrong configuration, which is no log line")
    func configuration() {
        let text = line("info", "started") + "\ndeploy: RELAY_HTTP_PORT: is not a number; correct RELAY_HTTP_PORT\n"
        #expect(ProcessLog.trouble(in: text) == "deploy: RELAY_HTTP_PORT: is not a number; correct RELAY_HTTP_PORT")
    }

    @Test("is the trap, not the last line of its backtrace")
    func trap() {
        let text =
            "Deploy/Lanes.swift:7: Fatal error: Index out of range\n\nThread 0 crashed:\n\n0 0x00 main in deploy\n"
        #expect(ProcessLog.trouble(in: text) == "Deploy/Lanes.swift:7: Fatal error: Index out of range")
    }

    @Test("is the broker's last error rather than what it tells besides")
    func broker() {
        let text = """
            2026-11-30T23:01:15+0000 info relay.broker: groups=0 [EmbeddedBroker] Log recovered
            2026-11-30T23:01:16+0000 error relay.broker: [EmbeddedBroker] Storage failed
            2026-11-30T23:01:17+0000 info relay.broker: [EmbeddedBroker] Broker has stopped
            """
        #expect(ProcessLog.trouble(in: text)?.hasSuffix("Storage failed") == true)
    }

    @Test("is nothing where nothing went wrong")
    func nothing() {
        #expect(ProcessLog.trouble(in: line("info", "started")) == nil)
        #expect(ProcessLog.trouble(in: "") == nil)
    }

    @Test("is of this run alone")
    func thisRun() throws {
        let path = RelayProgram.directory()
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(ProcessLog(path: path).trouble == nil)
        try (line("critical", "of an earlier run") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let log = ProcessLog(path: path)
        #expect(log.trouble == nil)
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data(line("error", "of this run").utf8))
        #expect(log.trouble == "of this run")
    }
}
