// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// Says on standard error how far the run is: a bar on a terminal, else a line a part.
final class ProgressLine: Sendable {
    private struct State {
        var part = ""
        var done = 0
        var steps = 0
        var begun = ContinuousClock.now
    }

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State())

    /// Begins a part of so many steps.
    func begin(_ part: String, steps: Int) {
        finish()
        state.withLock { $0 = State(part: part, steps: steps) }
        if isTerminal { draw("") } else { write("\(part) ...\n") }
    }

    /// A step begins.
    func step(_ what: String) {
        state.withLock { $0.done += 1 }
        if isTerminal { draw(what) }
    }

    /// Ends the part that is under way.
    func finish() {
        let state = state.withLock { state in
            defer { state = State() }
            return state
        }
        guard !state.part.isEmpty else { return }
        let seconds = (ContinuousClock.now - state.begun).inSeconds.fixed(0)
        write("\(isTerminal ? "\r\u{1B}[K" : "")\(state.part): \(seconds) s\n")
    }

    private func draw(_ what: String) {
        let state = state.withLock { $0 }
        let width = 24
        let filled = state.steps == 0 ? 0 : min(width, width * state.done / state.steps)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        write("\r\u{1B}[K[\(bar)] \(state.part)\(what.isEmpty ? "" : ": \(what)")")
    }

    private func write(_ text: String) {
        // A closed standard error leaves nobody to tell.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
