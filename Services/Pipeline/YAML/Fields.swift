// SPDX-License-Identifier: Apache-2.0

import Baton

/// Everything that is wrong with a document, so that it can be named at once.
final class Problems {
    private(set) var all: [String] = []

    func add(_ place: String, _ problem: String) {
        all.append(place.isEmpty ? problem : "\(place): \(problem)")
    }

    /// - Throws: `Refusal` when there are any.
    func check(in document: String) throws(Refusal) {
        guard all.isEmpty else { throw Refusal(all.map { "\(document): \($0)" }) }
    }
}

/// The keys of one map, read strictly: what is missing, ill-typed or never asked for is a problem.
struct Fields {
    let path: String
    let problems: Problems
    private let map: YAMLMap
    private let isThere: Bool
    private var asked: Set<String> = []

    /// A value that is not a map is a problem, and reads like an empty one.
    init(_ value: YAMLValue?, at path: String, _ problems: Problems, isThere: Bool = true) {
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

    func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The value of an optional key.
    mutating func optional(_ key: String) -> YAMLValue? {
        asked.insert(key)
        return map[key]
    }

    mutating func required(_ key: String) -> YAMLValue? {
        let value = optional(key)
        // A map that is itself missing has been named already.
        if value == nil && isThere { problems.add(place(key), "is missing") }
        return value
    }

    mutating func fields(_ key: String) -> Fields {
        // The parts of a map that is itself missing are not named one by one.
        Fields(isThere ? optional(key) : .map(YAMLMap()), at: place(key), problems, isThere: isThere)
    }

    mutating func text(_ key: String) -> String? {
        guard let value = required(key) else { return nil }
        guard case .text(let text) = value, !text.isEmpty else {
            problems.add(place(key), "must be a text, not \(value == .text("") ? "an empty one" : value.kind)")
            return nil
        }
        return text
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
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

    mutating func number(_ key: String, _ requirement: String, where holds: (Double) -> Bool) -> Double? {
        guard let value = required(key) else { return nil }
        guard let number = Self.number(value), number.isFinite, holds(number) else {
            problems.add(place(key), "must be a number \(requirement)")
            return nil
        }
        return number
    }

    mutating func duration(_ key: String) -> Duration? {
        guard let value = required(key) else { return nil }
        guard case .text(let text) = value, let duration = Self.duration(text), duration > .zero else {
            problems.add(place(key), "must be a duration above zero such as 250ms, 10s or 2m")
            return nil
        }
        return duration
    }

    mutating func texts(_ key: String) -> [String] {
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
    func finish() {
        for key in map.keys where !asked.contains(key) {
            problems.add(place(key), "is not a known key; known are \(asked.sorted().joined(separator: ", "))")
        }
    }

    static func number(_ value: YAMLValue) -> Double? {
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
