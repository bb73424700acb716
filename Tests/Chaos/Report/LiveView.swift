// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// Shows a race as it goes: one line that is drawn again on a terminal, plain lines elsewhere.
struct LiveView: Sendable {
    let isTerminal = isatty(STDERR_FILENO) == 1
    let isQuiet: Bool
    private let lock = Lock()

    private final class Lock: Sendable {
        let mutex = Mutex(())
    }

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    /// Writes a line above the one that is drawn again.
    func line(_ text: String) {
        guard !isQuiet else { return }
        write((isTerminal ? "\r\u{1B}[K" : "") + text + "\n")
    }

    /// Draws the line of what is going on.
    func draw(elapsed: Duration, of length: Duration, requested: Int, ended: Int, active: [Fault]) {
        guard !isQuiet else { return }
        let faults = active.map { "\($0.effect.kind.rawValue) \($0.target)" }.joined(separator: ", ")
        let counts = "\(requested) requested, \(ended) ended"
        guard isTerminal else {
            return write("\(elapsed.text)  \(counts)\(faults.isEmpty ? "" : "  [\(faults)]")\n")
        }
        let width = 24
        let share = min(1, Double(elapsed.milliseconds) / Double(max(1, length.milliseconds)))
        let done = Int(share * Double(width))
        let bar = String(repeating: "=", count: done) + String(repeating: "-", count: width - done)
        write("\r\u{1B}[K" + String("[\(bar)] \(elapsed.text)  \(counts)  \(faults)".prefix(columns - 1)))
    }

    /// Ends the line that is drawn again.
    func finish() { if isTerminal, !isQuiet { write("\n") } }

    private var columns: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
    }

    private func write(_ text: String) {
        lock.mutex.withLock { _ in FileHandle.standardError.write(Data(text.utf8)) }
    }
}
