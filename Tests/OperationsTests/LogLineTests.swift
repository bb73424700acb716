// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Synchronization
import Testing

@testable import Operations

@Suite("Log lines")
struct LogLineTests {
    private func line(_ message: String, _ metadata: Logger.Metadata = [:]) -> LogLine {
        LogLine(
            at: Date(timeIntervalSince1970: 1.5), level: .warning, service: "captain", instance: "c-1",
            message: message,
            metadata: metadata)
    }

    @Test("The JSON form has its own fields first and then the metadata by key")
    func json() {
        let expected =
            #"{"time":"1970-01-01T00:00:01.500Z","level":"warning","service":"captain","instance":"c-1","#
            + #""message":"late","attempt":"2","baton":"B"}"#
        #expect(line("late", ["baton": "B", "attempt": "2"]).json == expected)
    }

    @Test("Metadata cannot replace a field of the line's own")
    func reserved() throws {
        let object = try JSONDecoder().decode([String: String].self, from: Data(line("m", ["level": "x"]).json.utf8))
        #expect(object["level"] == "warning")
        #expect(object["metadata_level"] == "x")
    }

    @Test("Any text survives the JSON form", arguments: ["a\"b\\c", "two\nlines\r\t", "\u{1}\u{1f}", "Übergabe 🏃", ""])
    func escaping(_ text: String) throws {
        let object = try JSONDecoder().decode([String: String].self, from: Data(line(text).json.utf8))
        #expect(object["message"] == text)
        #expect(!line(text).json.contains("\n"))
    }

    @Test("No text hides, moves or turns around what stands beside it, in either form")
    func hidden() throws {
        let text = "one\n12:00:00.000 info captain: two\u{1B}]0;t\u{7}\u{9B}2J\u{202E}\u{2028}\u{7F}"
        for line in [line(text).text, line("m", ["k": "\(text)"]).text, line(text).json] {
            #expect(line.contains(#"one\n12:00:00.000 info captain: two\u001b]0;t\u0007\u009b2J\u202e\u2028\u007f"#))
        }
        let object = try JSONDecoder().decode([String: String].self, from: Data(line(text).json.utf8))
        #expect(object["message"] == text)
    }

    @Test("The text form is one line for people")
    func text() {
        #expect(line("late", ["baton": "B"]).text == "00:00:01.500 warning captain: late  baton=B")
    }

    @Test("The handler writes what is severe enough, with the logger's metadata and the error")
    func handler() throws {
        let configuration = try ProcessConfiguration.load(
            service: "captain", arguments: ["captain", "--log-format", "json", "--log-level", "notice"],
            environment: [:])
        let lines = Mutex<[String]>([])
        let sink = Lines(lines: lines)
        var logger = Logger(label: "test") { _ in LineLogHandler(configuration) { sink.add($0) } }
        logger[metadataKey: "leg"] = "pipeline"
        logger.info("hidden")
        logger.notice("shown", metadata: ["baton": "B"])
        #expect(sink.all.count == 1)
        #expect(sink.all.first?.contains(#""message":"shown","baton":"B","leg":"pipeline"}"#) == true)
    }
}

private final class Lines: Sendable {
    private let lines: Mutex<[String]>
    init(lines: consuming Mutex<[String]>) { self.lines = lines }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}
