// SPDX-License-Identifier: Apache-2.0

/// Names of features in the order of the columns, and how two such lists are told apart.
public struct FeatureNames: Sendable, Equatable {
    /// Of longer lists the beginning is shown, and where they part.
    static let shown = 32

    public let names: [String]

    public init(_ names: [String]) { self.names = names }

    /// Both lists in words; nil when they are the same.
    public func difference(from expected: [String]) -> (found: String, expected: String)? {
        guard names != expected else { return nil }
        let shorter = min(names.count, expected.count)
        let parting = (0..<shorter).first { names[$0] != expected[$0] } ?? shorter
        return (Self.text(names, parting), Self.text(expected, parting))
    }

    private static func text(_ names: [String], _ parting: Int) -> String {
        guard names.count > Self.shown else { return "\(names.count) (\(names.joined(separator: ", ")))" }
        let place = names.indices.contains(parting) ? "\"\(names[parting])\"" : "none"
        let start = names.prefix(Self.shown).joined(separator: ", ")
        return "\(names.count) (\(start), and \(names.count - Self.shown) more; column \(parting) is \(place))"
    }
}
