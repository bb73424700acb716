// SPDX-License-Identifier: Apache-2.0

/// Comma-separated values as RFC 4180 has them.
enum CommaSeparated {
    struct Row: Equatable {
        /// Where it begins, from 1.
        var line: Int
        var cells: [String]
    }

    /// The rows of a text; blank lines are left out.
    static func rows(of text: String) -> [Row] {
        var rows: [Row] = []
        var row = Row(line: 1, cells: [])
        var cell: [UInt8] = []
        var (line, quoted, wasQuote) = (1, false, false)
        func take(_ cell: inout [UInt8]) -> String {
            defer { cell.removeAll(keepingCapacity: true) }
            return String(decoding: cell, as: UTF8.self)
        }
        for byte in Array(text.utf8) + [UInt8(ascii: "\n")] {
            switch byte {
            case UInt8(ascii: "\""):
                // A quote right after a closing quote is a quote in the cell.
                if !quoted, wasQuote { cell.append(byte) }
                quoted.toggle()
                wasQuote = !quoted
                continue
            case UInt8(ascii: ",") where !quoted: row.cells.append(take(&cell))
            case UInt8(ascii: "\r") where !quoted: break
            case UInt8(ascii: "\n") where !quoted:
                line += 1
                row.cells.append(take(&cell))
                if row.cells != [""] { rows.append(row) }
                row = Row(line: line, cells: [])
            default:
                if byte == UInt8(ascii: "\n") { line += 1 }
                cell.append(byte)
            }
            wasQuote = false
        }
        // A quote that is never closed: the row is kept, so that its wrong length is seen.
        if quoted { rows.append(Row(line: row.line, cells: row.cells + [take(&cell)])) }
        return rows
    }
}
