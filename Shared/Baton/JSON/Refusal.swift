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

/// All that is wrong with an input.
public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// Never empty.
    public let details: [Problem]

    /// Nobody corrects more than this at a time.
    static let most = 50

    /// The first of `details`, and how many more there are.
    public init(_ details: [Problem]) {
        let more = details.count - Self.most
        self.details = more > 0 ? details.prefix(Self.most) + [Problem("and \(more) more problems")] : details
    }

    public init(_ problems: [String]) { details = problems.map { Problem($0) } }
    public init(_ problem: String) { details = [Problem(problem)] }

    /// One sentence for each problem.
    public var problems: [String] { details.map(\.description) }

    public var description: String { problems.joined(separator: "; ") }

    /// The same of a document that stands inside another one.
    public func below(_ pointer: JSONPointer) -> Refusal {
        Refusal(details.map { Problem($0.message, at: pointer + ($0.pointer ?? .root)) })
    }
}

/// A place in a JSON document, as RFC 6901 writes it: `/data/parameters/train.seed`.
public struct JSONPointer: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Names of members and indices of items, from the outside in.
    public let steps: [String]

    /// The whole document.
    public static let root = JSONPointer([])

    /// The place that the steps lead to.
    public init(_ steps: [String]) { self.steps = steps }

    /// Whether it is the whole document.
    public var isRoot: Bool { steps.isEmpty }

    /// The place as it is written.
    public var description: String {
        steps.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
    }

    /// Written as text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// Reads the written form.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        steps = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            .map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") }
    }

    /// A place inside that of `left`.
    public static func + (left: JSONPointer, right: JSONPointer) -> JSONPointer {
        JSONPointer(left.steps + right.steps)
    }

    /// A member of the object at `left`.
    public static func / (left: JSONPointer, name: String) -> JSONPointer { JSONPointer(left.steps + [name]) }

    /// An item of the array at `left`.
    public static func / (left: JSONPointer, index: Int) -> JSONPointer { left / String(index) }
}
