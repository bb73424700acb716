// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import ShownText

/// Standard output as a person or a script reads it.
package struct Terminal: Sendable {
    /// Whether lines may be drawn over again.
    package let isInteractive: Bool
    /// Whether colours are welcome.
    package let hasColour: Bool
    private let environment: [String: String]

    /// The terminal of this process's standard output.
    package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        isInteractive = isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
        hasColour = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
        self.environment = environment
    }

    /// Whether somebody sits at standard input.
    package static var hasPerson: Bool { isatty(STDIN_FILENO) == 1 }

    /// How large it is now; where it does not say, as its environment says, else as terminals once were.
    package var size: TerminalSize {
        var window = winsize()
        let isKnown = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0
        func dimension(_ measured: UInt16, _ name: String, _ usual: Int) -> Int {
            if isKnown, measured > 0 { return Int(measured) }
            return environment[name].flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil } ?? usual
        }
        return TerminalSize(
            columns: dimension(window.ws_col, "COLUMNS", 80), rows: dimension(window.ws_row, "LINES", 24))
    }

    /// Writes, unless that failed before; `CommandOutput.standard` tells whoever runs the command.
    package func write(_ text: String) { CommandOutput.standard.write(text) }

    /// Writes whole lines. Whatever is hidden in them is shown, except the colours of `Ink`: texts from outside are
    /// made `shown()` where a line is put together, and one that was forgotten does no more harm than a false colour.
    package func line(_ text: String) { write(Self.harmless(text) + "\n") }

    static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { HiddenCharacters.contains($0) }) else { return text }
        var result = ""
        var rest = text[...]
        while let colour = rest.firstMatch(of: Ink.sequence) {
            result += String(rest[..<colour.range.lowerBound]).withoutHiddenCharacters(except: ["\n"])
            result.append(contentsOf: rest[colour.range])
            rest = rest[colour.range.upperBound...]
        }
        return result + String(rest).withoutHiddenCharacters(except: ["\n"])
    }
}
