// SPDX-License-Identifier: Apache-2.0

/// Something that is wrong with an input, in words that its sender can act on.
public struct Problem: Sendable, Equatable, Codable, CustomStringConvertible {
    /// Where it is, when the input is a document.
    public var pointer: JSONPointer?
    /// One sentence.
    public var message: String

    /// A problem, and where it is.
    public init(_ message: String, at pointer: JSONPointer? = nil) {
        self.message = message
        self.pointer = pointer
    }

    /// `/data/model: model is missing`.
    public var description: String {
        guard let pointer, !pointer.isRoot else { return message }
        return "\(pointer): \(message)"
    }
}
