// SPDX-License-Identifier: Apache-2.0

import Foundation
import RelayClients
import RelayTerminal

/// The log of one of a relay's processes, as far as it is of this run. Logs are appended to and never rotated: what an
/// earlier run said explains nothing.
struct ProcessLog: Sendable {
    let path: String
    /// Where this run's part begins.
    private let start: UInt64
    /// The most that is read of its end.
    private static let tailBytes: UInt64 = 65_536

    /// The log as it is to be from now on.
    init(path: String) {
        self.path = path
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
        start = size?.uint64Value ?? 0
    }

    /// The line that says most about why the process does not run; nil when there is none.
    var trouble: String? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        guard let end = try? file.seekToEnd(), end > start else { return nil }
        let from = max(start, end > Self.tailBytes ? end - Self.tailBytes : 0)
        guard (try? file.seek(toOffset: from)) != nil, let data = try? file.readToEnd() else { return nil }
        return Self.trouble(in: String(decoding: data, as: UTF8.self))
    }

    /// The last word of a process: what it ended for, else the last error, else the last line that is no log line, as
    /// that about a wrong configuration, else the last warning.
    static func trouble(in text: String) -> String? {
        let lines = text.split(whereSeparator: \.isNewline).map(Line.init)
        let ranks: [Line.Rank] = [.fatal, .error, .plain, .warning]
        return ranks.lazy.compactMap { rank in lines.last { $0.rank == rank }?.words }.first
            .map { $0.cut(to: 600) }
    }

    private struct Line {
        enum Rank { case fatal, error, plain, warning, other }

        let rank: Rank
        let words: String

        init(_ text: Substring) {
            struct Fields: Decodable {
                var level: String
                var message: String
                var error: String?
                var reason: String?
                var remedy: String?
            }
            if let fields = try? JSONDecoder().decode(Fields.self, from: Data(text.utf8)) {
                rank = Self.rank(fields.level)
                words = [fields.message, fields.error, fields.reason, fields.remedy].compactMap(\.self)
                    .joined(separator: "; ")
                return
            }
            let trimmed = text.drop(while: \.isWhitespace)
            words = String(trimmed)
            // A trap's backtrace is indented, and the line before it says what it was.
            if trimmed.contains("Fatal error: ") {
                rank = .fatal
            } else if let level = Self.level(of: trimmed) {
                rank = Self.rank(level)
            } else {
                rank = trimmed.startIndex == text.startIndex && !trimmed.isEmpty ? .plain : .other
            }
        }

        /// The level of a line of the broker's log: `2026-01-31T12:00:00+0000 error relay.broker: ...`.
        private static func level(of line: Substring) -> String? {
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3, words[0].first?.isNumber == true, words[0].contains("T") else { return nil }
            return String(words[1])
        }

        private static func rank(_ level: String) -> Rank {
            switch level {
            case "critical": .fatal
            case "error": .error
            case "warning": .warning
            default: .other
            }
        }
    }
}
