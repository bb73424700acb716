// SPDX-License-Identifier: Apache-2.0

package import Baton
import StrictYAML
import Yams

/// Reads YAML documents.
package enum YAMLDocument {
    /// Aliases can make a small document describe a huge value.
    private static let maximumValues = 200_000
    private static let maximumDepth = 64

    /// The value of a file's bytes.
    /// - Parameter name: what messages call the file.
    /// - Throws: `Refusal`.
    package static func read(_ bytes: [UInt8], name: String) throws(Refusal) -> YAMLValue {
        try read(text(bytes, name: name), name: name)
    }

    /// The text of a file's bytes, which must be UTF-8.
    /// - Throws: `Refusal`.
    package static func text(_ bytes: [UInt8], name: String) throws(Refusal) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Refusal("\(name) is not UTF-8") }
        return text
    }

    /// The value of a text.
    /// - Throws: `Refusal`.
    package static func read(_ text: String, name: String) throws(Refusal) -> YAMLValue {
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch {
            throw Refusal("\(name) is not valid YAML: \(yamlWords(error))")
        }
        guard let root else { return .null }
        var budget = maximumValues
        do {
            return try value(of: root, depth: 0, &budget)
        } catch {
            throw Refusal("\(name): \(error.problems.joined(separator: "; "))")
        }
    }

    private static func value(of node: Node, depth: Int, _ budget: inout Int) throws(Refusal) -> YAMLValue {
        budget -= 1
        guard budget > 0 else { throw Refusal("it holds more than \(maximumValues) values") }
        guard depth < maximumDepth else { throw Refusal("it is nested more than \(maximumDepth) deep") }
        switch node {
        case .scalar(let scalar):
            return scalar.style == .plain || scalar.style == .any
                ? YAMLScalar.resolve(scalar.string) : .text(scalar.string)
        case .sequence(let sequence):
            var items: [YAMLValue] = []
            for item in sequence { items.append(try value(of: item, depth: depth + 1, &budget)) }
            return .list(items)
        case .mapping(let mapping):
            var own: [(key: String, value: YAMLValue)] = []
            var map = YAMLMap()
            for (keyNode, valueNode) in mapping {
                guard case .scalar(let key) = keyNode else { throw Refusal("a key of a map is not a text") }
                let value = try value(of: valueNode, depth: depth + 1, &budget)
                if key.string == "<<" && key.style == .plain {
                    try merge(value, into: &map)
                } else {
                    own.append((key.string, value))
                }
            }
            for entry in own { map[entry.key] = entry.value }
            return .map(map)
        case .alias(let alias):
            throw Refusal("the alias \(alias.anchor) has no anchor")
        }
    }

    /// `<<` adds the keys that a map does not have itself, before those that it has, as DVC does; of several maps the
    /// first decides.
    private static func merge(_ other: YAMLValue, into map: inout YAMLMap) throws(Refusal) {
        switch other {
        case .map(let other):
            for entry in other.entries { map[entry.key] = entry.value }
        case .list(let others):
            for other in others.reversed() { try merge(other, into: &map) }
        default: throw Refusal("\"<<\" takes a map, not \(other.kind)")
        }
    }
}
