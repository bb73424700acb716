// SPDX-License-Identifier: Apache-2.0

/// Characters that nobody sees, and that change how the text around them is shown: they move the cursor, end a line,
/// turn the direction of words, or spell out what cannot be read.
public enum HiddenCharacters {
    /// What a terminal or a page must not get from outside. ZERO WIDTH JOINER and NON-JOINER are not among them:
    /// Persian, the scripts of India and emoji need both.
    public static let all: [ClosedRange<UInt32>] = [
        0x0000...0x001F,  // C0: escape, line breaks, bell
        0x007F...0x009F,  // DEL and C1, where 9B alone begins a sequence
        0x00AD...0x00AD,  // SOFT HYPHEN
        0x061C...0x061C,  // ARABIC LETTER MARK
        0x180E...0x180E,  // MONGOLIAN VOWEL SEPARATOR
        0x200B...0x200B,  // ZERO WIDTH SPACE
        0x200E...0x200F,  // LEFT-TO-RIGHT and RIGHT-TO-LEFT MARK
        0x2028...0x202E,  // line and paragraph separators, embeddings and overrides of direction
        0x2060...0x206F,  // invisible operators, isolates of direction
        0xFEFF...0xFEFF,  // ZERO WIDTH NO-BREAK SPACE
        0xFFF9...0xFFFB,  // annotations
        0xE0000...0xE007F,  // tags
    ]

    /// What may not be in a name: two names that look the same must be the same.
    public static let inNames = all + [0x200C...0x200D]

    /// Whether a character is one of `ranges`.
    public static func contains(_ scalar: Unicode.Scalar, in ranges: [ClosedRange<UInt32>] = all) -> Bool {
        // Nearly every character is printable ASCII, and nothing of that is hidden.
        if (0x20...0x7E).contains(scalar.value) { return false }
        return ranges.contains { $0.contains(scalar.value) }
    }

    /// A class of characters, without its brackets, as regular expressions of ECMAScript write it under the flag `u`.
    public static func expression(of ranges: [ClosedRange<UInt32>] = all) -> String {
        func escape(_ value: UInt32) -> String { "\\u{\(String(value, radix: 16))}" }
        return ranges.map { range in
            range.count == 1 ? escape(range.lowerBound) : "\(escape(range.lowerBound))-\(escape(range.upperBound))"
        }
        .joined()
    }
}
