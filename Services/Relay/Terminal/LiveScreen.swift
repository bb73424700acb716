// SPDX-License-Identifier: Apache-2.0

/// How many characters a terminal shows.
package struct TerminalSize: Sendable, Equatable {
    /// Characters of a line.
    package var columns: Int
    /// Lines.
    package var rows: Int

    /// Of its parts.
    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }
}

/// Draws lines over those that it drew before. Pure: it says what to write to the terminal.
package struct LiveScreen {
    private var drawn: (rows: Int, columns: Int)?

    /// Nothing is drawn yet.
    package init() {}

    /// What draws `lines` in the place of the last ones. The cursor is left below them.
    package mutating func frame(_ lines: [StyledLine], hasColour: Bool, on size: TerminalSize) -> String {
        let begin =
            switch drawn {
            case nil: "\r"
            // A terminal that has become too small for them has broken the old lines, or scrolled them off, in a way of
            // its own: nobody can say which rows they are in now.
            case let last? where last.columns > size.columns || last.rows >= size.rows: "\u{1B}[H\u{1B}[2J"
            case let last?: "\r" + (last.rows > 0 ? "\u{1B}[\(last.rows)A" : "")
            }
        drawn = (lines.count, lines.map(\.width).max() ?? 0)
        // Without wrapping, for the time of the frame: the terminal may get narrower before it draws this.
        return "\u{1B}[?7l" + begin
            + lines.map { "\u{1B}[2K\($0.rendered(hasColour: hasColour))\n" }.joined() + "\u{1B}[J\u{1B}[?7h"
    }
}
