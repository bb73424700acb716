// SPDX-License-Identifier: Apache-2.0

/// A value of a YAML document under the core schema of YAML 1.2, with maps in their written order.
package indirect enum YAMLValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    /// An integer beyond `Int`, in decimal digits, with "-" before a negative one.
    case bigInteger(String)
    case number(Double)
    case text(String)
    case list([YAMLValue])
    case map(YAMLMap)

    /// What the value is, for error messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .bigInteger: "an integer"
        case .number: "a number"
        case .text: "a text"
        case .list: "a list"
        case .map: "a map"
        }
    }

    /// Whether it is neither a list nor a map.
    package var isScalar: Bool {
        switch self {
        case .list, .map: false
        default: true
        }
    }

    /// The value at a dotted path: names of map keys, and indices of list items.
    package func value(at path: some Sequence<Substring>) -> YAMLValue? {
        var value = self
        for part in path {
            switch value {
            case .map(let map):
                guard let next = map[String(part)] else { return nil }
                value = next
            case .list(let items):
                guard let index = Int(part), items.indices.contains(index) else { return nil }
                value = items[index]
            default: return nil
            }
        }
        return value
    }

    /// The value at a path written with dots between its parts.
    package func value(at path: String) -> YAMLValue? {
        value(at: path.split(separator: ".", omittingEmptySubsequences: false))
    }

    /// The same with another value at a path.
    /// - Returns: nil when there is nothing at the path.
    func setting(_ path: ArraySlice<Substring>, to new: YAMLValue) -> YAMLValue? {
        guard let first = path.first else { return new }
        switch self {
        case .map(var map):
            guard let changed = map[String(first)]?.setting(path.dropFirst(), to: new) else { return nil }
            map[String(first)] = changed
            return .map(map)
        case .list(var items):
            guard let index = Int(first), items.indices.contains(index),
                let changed = items[index].setting(path.dropFirst(), to: new)
            else { return nil }
            items[index] = changed
            return .list(items)
        default: return nil
        }
    }
}

/// A map in its written order.
package struct YAMLMap: Hashable, Sendable {
    /// A key and its value.
    package struct Entry: Hashable, Sendable {
        /// As it is written, without quotes.
        package let key: String
        /// What stands under the key.
        package var value: YAMLValue
    }

    /// The entries in their written order; no key comes twice.
    package private(set) var entries: [Entry] = []

    /// The keys in their written order.
    package var keys: [String] { entries.map(\.key) }
    /// Whether there is no entry.
    package var isEmpty: Bool { entries.isEmpty }

    /// The value of a key; nil, and set to nil, for a key that is not there.
    package subscript(key: String) -> YAMLValue? {
        get { entries.first { $0.key == key }?.value }
        set {
            let index = entries.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): entries[index].value = value
            case (let index?, nil): entries.remove(at: index)
            case (nil, let value?): entries.append(Entry(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Of two entries with one key the later value counts, at the first one's place.
    package init(_ entries: [(String, YAMLValue)] = []) {
        for (key, value) in entries { self[key] = value }
    }
}
