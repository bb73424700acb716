// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// Standard output as a person or a script reads it.
struct Terminal: Sendable {
    /// Whether lines may be drawn over again.
    let isInteractive: Bool
    /// Whether colours are welcome.
    let hasColour: Bool

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        isInteractive = isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
        hasColour = isInteractive && environment["NO_COLOR"] == nil
    }

    /// Whether somebody sits at standard input.
    static var hasPerson: Bool { isatty(STDIN_FILENO) == 1 }

    func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    func line(_ text: String) { write(text + "\n") }
}

/// A colour that carries no meaning of its own: the words beside it say the same.
enum Ink: String {
    case plain = "0"
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"

    func paint(_ text: String, _ hasColour: Bool) -> String {
        hasColour && self != .plain ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
