// SPDX-License-Identifier: Apache-2.0

package import Baton
import ShownText

/// Dead letters as `relay dead-letters list` shows them.
package struct LetterTable: Sendable {
    /// One letter in JSON.
    package struct Row: Codable, Sendable, Equatable {
        var place: String
        var at: Timestamp
        var reader: String
        var topic: String
        var partition: Int32?
        var offset: Int64?
        var attempts: Int?
        var bytes: Int
        var replays: Int
        var reason: String

        /// Of its parts.
        package init(
            place: String, at: Timestamp, reader: String, topic: String, partition: Int32? = nil, offset: Int64? = nil,
            attempts: Int? = nil, bytes: Int, replays: Int, reason: String
        ) {
            self.place = place
            self.at = at
            self.reader = reader
            self.topic = topic
            self.partition = partition
            self.offset = offset
            self.attempts = attempts
            self.bytes = bytes
            self.replays = replays
            self.reason = reason
        }
    }

    let rows: [Row]
    /// Letters that matched and are not among the rows.
    let others: Int

    /// A row for each letter of a box.
    package init(_ box: LetterBox) {
        let letters = box.newest
        rows = letters.map { letter in
            Row(
                place: "\(letter.place)", at: letter.at, reader: letter.reader, topic: letter.topic,
                partition: letter.partition, offset: letter.offset, attempts: letter.attempts,
                bytes: letter.omittedBytes ?? letter.value?.count ?? 0, replays: box.replays[letter.place] ?? 0,
                reason: letter.reason)
        }
        others = box.matched - letters.count
    }

    /// The rows for programs.
    package var json: String { String(decoding: JSON.encode(rows), as: UTF8.self) }

    /// The rows for people.
    package var text: String {
        guard !rows.isEmpty else { return "no dead letters" }
        let cells =
            [["LETTER", "SET ASIDE", "READER", "CAME FROM", "BYTES", "REPLAYED", "REASON"]] + rows.map(Self.line)
        let widths = (0..<6).map { column in cells.map { $0[column].count }.max() ?? 0 }
        var lines = cells.map { line in
            zip(line, widths).map { $0.padded(to: $1) }.joined(separator: "  ") + "  " + line[6]
        }
        if others > 0 { lines.append("and \(others) older; --limit shows more") }
        return lines.joined(separator: "\n")
    }

    private static func line(_ row: Row) -> [String] {
        let origin =
            "\(row.topic)[\(row.partition.map(String.init) ?? "?")]@\(row.offset.map(String.init) ?? "?")"
        let replayed = row.replays == 0 ? "no" : row.replays == 1 ? "yes" : "\(row.replays) times"
        return [
            row.place, "\(row.at)", row.reader.shown(limit: 100), origin.shown(limit: 300), "\(row.bytes)", replayed,
            row.reason.shown(limit: 160),
        ]
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
