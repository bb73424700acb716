// SPDX-License-Identifier: Apache-2.0

/// A colour that carries no meaning of its own: the words beside it say the same.
package enum Ink: String {
    case plain = "0"
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"

    /// What `paint` puts around a text.
    static var sequence: Regex<Substring> { /\u{1B}\[[0-9]{1,2}m/ }

    /// The text in this colour, where colours are welcome.
    package func paint(_ text: String, _ hasColour: Bool) -> String {
        hasColour && self != .plain ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
