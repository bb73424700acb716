// SPDX-License-Identifier: Apache-2.0

/// A line of text for a terminal: measured and cut as what is seen, coloured only when it is written.
package struct StyledLine: Sendable, Equatable {
    /// A piece of the line in one colour.
    package struct Span: Sendable, Equatable {
        var text: String
        var ink = Ink.plain
    }

    private(set) var spans: [Span]

    /// A line of one colour.
    package init(_ text: String, _ ink: Ink = .plain) { spans = [Span(text: text, ink: ink)] }

    /// Columns that it takes.
    package var width: Int { spans.reduce(0) { $0 + DisplayWidth.of($1.text) } }

    /// Adds a piece at the end.
    package mutating func append(_ text: String, _ ink: Ink = .plain) { spans.append(Span(text: text, ink: ink)) }

    /// The line in no more columns than `width`.
    package func cut(to width: Int) -> StyledLine {
        guard self.width > width else { return self }
        var (kept, used) = ([Span](), 0)
        for span in spans {
            let own = DisplayWidth.of(span.text)
            if used + own < width {
                kept.append(span)
                used += own
                continue
            }
            // What follows is left out, so this one is cut even if it would just fit.
            kept.append(Span(text: (span.text + " …").cut(to: width - used), ink: span.ink))
            break
        }
        var line = self
        line.spans = kept
        return line
    }

    /// The line as it is written.
    package func rendered(hasColour: Bool) -> String {
        spans.map { $0.ink.paint($0.text, hasColour) }.joined()
    }

    /// Facts one behind the other, on as many lines as they need: a fact goes to the next line rather than being cut,
    /// and is broken only where it is wider than a line.
    /// - Parameter hanging: columns that every line but the first begins with.
    package static func flow(
        _ facts: [(text: String, ink: Ink)], gap: Int, hanging: Int, width: Int
    ) -> [StyledLine] {
        let indent = String(repeating: " ", count: hanging)
        var lines: [StyledLine] = []
        for fact in facts where !fact.text.isEmpty {
            if let last = lines.last, last.width + gap + DisplayWidth.of(fact.text) <= width {
                lines[lines.count - 1].append(String(repeating: " ", count: gap))
                lines[lines.count - 1].append(fact.text, fact.ink)
                continue
            }
            let start = lines.isEmpty ? "" : indent
            for (index, piece) in fact.text.broken(to: max(1, width - (lines.isEmpty ? 0 : hanging))).enumerated() {
                var line = StyledLine(index == 0 ? start : indent)
                line.append(piece, fact.ink)
                lines.append(line)
            }
        }
        return lines
    }
}
