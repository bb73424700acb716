// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// One line on a terminal that says how far a command is.
package final class ProgressBar: Sendable {
    private static let width = 30
    /// Drawn no more often than an eye can follow.
    private static let interval = Duration.milliseconds(100)

    private let terminal: Terminal
    private let isShown: Bool
    private let drawnAt = Mutex<ContinuousClock.Instant?>(nil)
    private let namesStages: Bool
    private let stage = Mutex("")

    /// - Parameter namesStages: whether, where no line can be drawn over again, each stage is named once.
    package init(terminal: Terminal, isQuiet: Bool, namesStages: Bool = false) {
        self.terminal = terminal
        isShown = terminal.isInteractive && !isQuiet
        self.namesStages = namesStages && !terminal.isInteractive && !isQuiet
    }

    /// As `show`, by stage: what is done, in a word or a few.
    package func show(_ name: String, _ line: @autoclosure () -> String) {
        show(line())
        guard namesStages else { return }
        let isNew = stage.withLock { stage in
            defer { stage = name }
            return stage != name
        }
        if isNew { terminal.line(name) }
    }

    /// Draws the line, unless it was drawn just now.
    package func show(_ line: @autoclosure () -> String) {
        guard isShown else { return }
        let isDue = drawnAt.withLock { drawnAt in
            if let drawnAt, .now - drawnAt < Self.interval { return false }
            drawnAt = .now
            return true
        }
        // Wider than the terminal it would begin a second line, and only that one be drawn over.
        if isDue { terminal.write("\r\u{1B}[K" + line().cut(to: terminal.size.columns - 1)) }
    }

    /// Removes the line.
    package func clear() {
        if isShown { terminal.write("\r\u{1B}[K") }
    }

    /// What is done, how much of it, and in numbers.
    package static func line(_ what: String, _ done: Int, of total: Int, _ unit: String) -> String {
        "\(column(what))\(bar(total > 0 ? Double(done) / Double(total) : 1))  \(done) of \(total) \(unit)"
    }

    /// A word in the width of the longest.
    static func column(_ what: String) -> String {
        what + String(repeating: " ", count: max(0, 10 - what.count))
    }

    /// A bar that is filled that far; 1 is all of it.
    package static func bar(_ fraction: Double) -> String {
        let done = Int((min(max(fraction, 0), 1) * Double(width)).rounded())
        return String(repeating: "█", count: done) + String(repeating: "░", count: width - done)
    }
}
