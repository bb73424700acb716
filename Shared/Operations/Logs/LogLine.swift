// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import ShownText

/// One line of the log, in the form for machines or the form for people.
struct LogLine {
    let at: Date
    let level: Logger.Level
    let service: String
    let instance: String
    let message: String
    /// Values by key; a nested value is written as its description.
    let metadata: Logger.Metadata

    /// One JSON object: `time`, `level`, `service`, `instance`, `message`, then the metadata by key.
    var json: String {
        let own = [
            ("time", time), ("level", level.rawValue), ("service", service), ("instance", instance),
            ("message", message),
        ]
        let reserved = Set(own.map(\.0))
        let fields = own + entries.map { (reserved.contains($0.0) ? "metadata_" + $0.0 : $0.0, $0.1) }
        return "{" + fields.map { Self.quoted($0.0) + ":" + Self.quoted($0.1) }.joined(separator: ",") + "}"
    }

    /// `12:00:01.123 warning pipeline: message  baton=…`.
    var text: String {
        let clock = time.dropFirst("2026-01-01T".count).dropLast()
        let details = entries.map { " \($0.0)=\($0.1)" }.joined()
        // In one line: what somebody sent must not look like a line of its own.
        return "\(clock) \(level.rawValue) \(service): \(message)\(details.isEmpty ? "" : " ")\(details)"
            .withoutHiddenCharacters()
    }

    private var time: String { at.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }

    private var entries: [(String, String)] {
        metadata.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let hexadecimal = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
            default: result.unicodeScalars.append(scalar)
            }
        }
        return (result + "\"").withoutHiddenCharacters()
    }
}
