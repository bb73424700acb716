// SPDX-License-Identifier: Apache-2.0

/// The keys of one map, read strictly: what is missing, ill-typed or never asked for is a problem.
package struct Fields {
    /// Where the map is in its document; empty for the root.
    package let path: String
    /// Where problems of this map are noted.
    package let problems: Problems
    private let map: YAMLMap
    private let isThere: Bool
    private var asked: Set<String> = []

    /// A value that is not a map is a problem, and reads like an empty one.
    package init(_ value: YAMLValue?, at path: String, _ problems: Problems, isThere: Bool = true) {
        self.path = path
        self.problems = problems
        switch value {
        case .map(let map):
            self.map = map
            self.isThere = isThere
        case nil, .null:
            map = YAMLMap()
            self.isThere = false
            problems.add(path, path.isEmpty ? "it is empty" : "is missing")
        case let value?:
            map = YAMLMap()
            self.isThere = false
            problems.add(path, "must be a map, not \(value.kind)")
        }
    }

    /// Where a key of this map is, as messages name it.
    package func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The value of an optional key.
    package mutating func optional(_ key: String) -> YAMLValue? {
        asked.insert(key)
        return map[key]
    }

    /// The value of a key that must be there.
    package mutating func required(_ key: String) -> YAMLValue? {
        let value = optional(key)
        // A map that is itself missing has been named already.
        if value == nil && isThere { problems.add(place(key), "is missing") }
        return value
    }

    /// The map under a key that must be there.
    package mutating func fields(_ key: String) -> Fields {
        // The parts of a map that is itself missing are not named one by one.
        Fields(isThere ? optional(key) : .map(YAMLMap()), at: place(key), problems, isThere: isThere)
    }

    /// A text that is not empty.
    package mutating func text(_ key: String) -> String? {
        guard let value = required(key) else { return nil }
        guard case .text(let text) = value, !text.isEmpty else {
            problems.add(place(key), "must be a text, not \(value == .text("") ? "an empty one" : value.kind)")
            return nil
        }
        return text
    }

    /// An integer within bounds.
    package mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = required(key) else { return nil }
        guard case .integer(let number) = value, range.contains(number) else {
            let bounds =
                range.upperBound == .max
                ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            problems.add(place(key), "must be an integer \(bounds)")
            return nil
        }
        return number
    }

    /// A finite number; `requirement` says in words what `holds` asks of it.
    package mutating func number(_ key: String, _ requirement: String, where holds: (Double) -> Bool) -> Double? {
        guard let value = required(key) else { return nil }
        guard let number = Self.number(value), number.isFinite, holds(number) else {
            problems.add(place(key), "must be a number \(requirement)")
            return nil
        }
        return number
    }

    /// A duration above zero, written with its unit.
    package mutating func duration(_ key: String) -> Duration? {
        guard let value = required(key) else { return nil }
        guard case .text(let text) = value, let duration = Self.duration(text), duration > .zero else {
            problems.add(place(key), "must be a duration above zero such as 250ms, 10s or 2m")
            return nil
        }
        return duration
    }

    /// A list of texts.
    package mutating func texts(_ key: String) -> [String] {
        guard let value = required(key) else { return [] }
        guard case .list(let items) = value else {
            problems.add(place(key), "must be a list of texts, not \(value.kind)")
            return []
        }
        return items.enumerated().compactMap { index, item in
            if case .text(let text) = item { return text }
            problems.add("\(place(key))[\(index)]", "must be a text, not \(item.kind)")
            return nil
        }
    }

    /// Names every key that nobody asked for.
    package func finish() {
        for key in map.keys where !asked.contains(key) {
            problems.add(place(key), "is not a known key; known are \(asked.sorted().joined(separator: ", "))")
        }
    }

    /// The number that a value is; nil for what is none.
    package static func number(_ value: YAMLValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .bigInteger(let digits): Double(digits)
        case .number(let number): number
        default: nil
        }
    }

    private static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        guard let number = Double(digits), number < 1e9 else { return nil }
        return switch text.dropFirst(digits.count) {
        case "ms": .seconds(number / 1000)
        case "s": .seconds(number)
        case "m": .seconds(number * 60)
        case "h": .seconds(number * 3600)
        default: nil
        }
    }
}
