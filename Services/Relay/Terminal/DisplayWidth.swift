// SPDX-License-Identifier: Apache-2.0

/// How many columns of a terminal a text takes at the most. Terminals differ about what is joined of several scalars;
/// a line that is cut by the sum of its scalars fits into all of them.
package enum DisplayWidth {
    /// Columns of a text.
    package static func of(_ text: some StringProtocol) -> Int {
        text.unicodeScalars.reduce(0) { $0 + of($1) }
    }

    /// Columns of one scalar.
    package static func of(_ scalar: Unicode.Scalar) -> Int {
        // Most of what is shown: no look-up.
        if (0x20..<0x7F).contains(scalar.value) { return 1 }
        // Asks for the wide form of the sign before it.
        if scalar.value == 0xFE0F { return 1 }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return 0
        case .format: return scalar.value == 0xAD ? 1 : 0
        case .nonspacingMark, .enclosingMark: return 0
        default: return scalar.properties.isEmojiPresentation || isWide(scalar.value) ? 2 : 1
        }
    }

    /// The blocks of East Asian scripts, full-width forms and pictographs; a few narrow signs in them count as wide.
    private static func isWide(_ value: UInt32) -> Bool {
        guard value >= 0x1100 else { return false }
        return switch value {
        case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF,
            0x1AFF0...0x1B2FF, 0x1D300...0x1D376, 0x1F200...0x1F265, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

extension String {
    /// The text in no more columns than `width`; what was left out is marked by an ellipsis.
    package func cut(to width: Int) -> String {
        guard DisplayWidth.of(self) > width else { return self }
        guard width > 0 else { return "" }
        var (kept, used) = ("", 0)
        for character in self {
            let own = DisplayWidth.of(String(character))
            guard used + own < width else { break }
            kept.append(character)
            used += own
        }
        return kept + "…"
    }

    /// The text, and spaces up to a column; at least one.
    package func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(1, width - DisplayWidth.of(self)))
    }

    /// The text in lines of at most `width` columns, broken between words; a word that is longer is broken in itself.
    package func wrapped(to width: Int) -> [String] {
        var (lines, line) = ([String](), "")
        for word in split(separator: " ") {
            let joined = line.isEmpty ? String(word) : line + " " + word
            if DisplayWidth.of(joined) <= width {
                line = joined
                continue
            }
            if !line.isEmpty { lines.append(line) }
            var pieces = String(word).broken(to: width)
            line = pieces.popLast() ?? ""
            lines += pieces
        }
        return line.isEmpty ? lines : lines + [line]
    }

    /// The text in pieces of at most `width` columns.
    func broken(to width: Int) -> [String] {
        var (pieces, piece, used) = ([String](), "", 0)
        for character in self {
            let own = DisplayWidth.of(String(character))
            if used + own > width, !piece.isEmpty {
                pieces.append(piece)
                (piece, used) = ("", 0)
            }
            piece.append(character)
            used += own
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }
}
