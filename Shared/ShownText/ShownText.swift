// SPDX-License-Identifier: Apache-2.0

/// How much of one text from outside is shown: as much as a reason may have when it is taken.
public let shownTextLimit = 1_000

extension String {
    /// The text as a terminal or a page may show it, whoever wrote it: in one line, each hidden character as JSON
    /// escapes it, and no more of it than `limit` characters.
    public func shown(limit: Int = shownTextLimit) -> String {
        let text = withoutHiddenCharacters()
        // As many scalars need at least as many bytes. What looks like one character may be thousands of marks.
        guard text.utf8.count > limit, text.unicodeScalars.count > limit else { return text }
        return "\(String(text.unicodeScalars.prefix(limit)))… (\(text.unicodeScalars.count - limit) more characters)"
    }

    /// The text with each hidden character as JSON escapes it, so that JSON stays the same JSON.
    /// - Parameter kept: hidden characters that are left as they are.
    public func withoutHiddenCharacters(except kept: Set<Unicode.Scalar> = []) -> String {
        func isHidden(_ scalar: Unicode.Scalar) -> Bool { HiddenCharacters.contains(scalar) && !kept.contains(scalar) }
        guard unicodeScalars.contains(where: isHidden) else { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if isHidden(scalar) {
                result.append(contentsOf: Self.escape(scalar).unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default:
            String(scalar).utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
            .joined()
        }
    }
}
