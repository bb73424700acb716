// SPDX-License-Identifier: Apache-2.0

import Baton
import Synchronization

/// One line on a terminal that says how far the judge is.
final class ProgressBar: Sendable {
    private static let width = 30
    /// Drawn no more often than an eye can follow.
    private static let interval = Duration.milliseconds(100)

    private let terminal: Terminal
    private let isShown: Bool
    private let drawnAt = Mutex<ContinuousClock.Instant?>(nil)

    init(terminal: Terminal, isQuiet: Bool) {
        self.terminal = terminal
        isShown = terminal.isInteractive && !isQuiet
    }

    func show(_ stage: TopicReading.Stage) {
        guard isShown else { return }
        let isDue = drawnAt.withLock { drawnAt in
            if let drawnAt, .now - drawnAt < Self.interval { return false }
            drawnAt = .now
            return true
        }
        if isDue { terminal.write("\r\u{1B}[K" + Self.line(stage)) }
    }

    func clear() {
        if isShown { terminal.write("\r\u{1B}[K") }
    }

    static func line(_ stage: TopicReading.Stage) -> String {
        switch stage {
        case .past(let read, let total):
            "reading   \(bar(total > 0 ? Double(read) / Double(total) : 1))  \(read) records"
        case .present(let time, let limit):
            "watching  \(bar(time / limit))  \(Int(time.seconds)) of \(Int(limit.seconds)) s"
        case .rest: "reading what was written meanwhile"
        }
    }

    private static func bar(_ fraction: Double) -> String {
        let done = Int((min(max(fraction, 0), 1) * Double(width)).rounded())
        return String(repeating: "█", count: done) + String(repeating: "░", count: width - done)
    }
}
