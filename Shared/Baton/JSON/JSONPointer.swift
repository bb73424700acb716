// SPDX-License-Identifier: Apache-2.0

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
