// SPDX-License-Identifier: Apache-2.0

/// A value of a YAML document under the core schema of YAML 1.2, with maps in their written order.
indirect enum YAMLValue: Hashable, Sendable {
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
    var kind: String {
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

    var isScalar: Bool {
        switch self {
        case .list, .map: false
        default: true
        }
    }

    /// The value at a dotted path: names of map keys, and indices of list items.
    func value(at path: some Sequence<Substring>) -> YAMLValue? {
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

    func value(at path: String) -> YAMLValue? {
        value(at: path.split(separator: ".", omittingEmptySubsequences: false))
    }
}

/// A map in its written order.
struct YAMLMap: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        let key: String
        var value: YAMLValue
    }

    private(set) var entries: [Entry] = []

    var keys: [String] { entries.map(\.key) }
    var isEmpty: Bool { entries.isEmpty }

    subscript(key: String) -> YAMLValue? {
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

    init(_ entries: [(String, YAMLValue)] = []) {
        for (key, value) in entries { self[key] = value }
    }
}
