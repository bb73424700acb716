// SPDX-License-Identifier: Apache-2.0

import Yams

/// A YAML file that must hold exactly what is asked for; every problem is kept, with the place it is at.
public struct YAMLReader {
    /// A value of the file.
    public typealias Node = Yams.Node

    /// One mapping of the file and its dotted path; the root's is empty.
    public struct Mapping {
        let path: String
        /// Its members, as they are written.
        public let members: [(name: String, node: Node)]

        /// The value of a member.
        public subscript(name: String) -> Node? { members.first { $0.name == name }?.node }

        func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
    }

    /// Everything that is wrong, in the order in which it was found.
    public private(set) var problems: [String] = []

    /// A file of which nothing is read yet.
    public init() {}

    /// Adds what is wrong.
    public mutating func note(_ problem: String) { problems.append(problem) }

    /// The file's root; an empty mapping when there is none.
    public mutating func root(of text: String) -> Mapping {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                note("the file is empty")
                return Mapping(path: "", members: [])
            }
            return mapping(node, at: "")
        } catch {
            note("it is not YAML: \(yamlWords(error))")
            return Mapping(path: "", members: [])
        }
    }

    /// The mapping at a place; an empty one, and a problem, when something else is there.
    public mutating func mapping(_ node: Node?, at path: String) -> Mapping {
        guard let node else {
            note("\(path) is missing")
            return Mapping(path: path, members: [])
        }
        guard case .mapping(let mapping) = node else {
            note("\(path.isEmpty ? "the file" : path)\(line(node)) must be a mapping")
            return Mapping(path: path, members: [])
        }
        var members: [(String, Node)] = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                note("\(path.isEmpty ? "the file" : path)\(line(key)) has a key that is not a text")
                continue
            }
            members.append((scalar.string, value))
        }
        return Mapping(path: path, members: members)
    }

    /// Notes every member that is not among the known ones.
    public mutating func expect(_ known: [String], in mapping: Mapping) {
        for (name, node) in mapping.members where !known.contains(name) {
            note("\(mapping.place(name))\(line(node)) is not a known key; known here: \(known.joined(separator: ", "))")
        }
    }

    /// A text that is not empty.
    public mutating func text(_ name: String, in mapping: Mapping) -> String? {
        guard let node = mapping[name] else {
            note("\(mapping.place(name)) is missing")
            return nil
        }
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty, scalar.string != "null", scalar.string != "~"
        else {
            note("\(mapping.place(name))\(line(node)) must be a text")
            return nil
        }
        return scalar.string
    }

    /// A list of texts that is not empty.
    public mutating func texts(_ name: String, in mapping: Mapping) -> [String]? {
        guard let node = mapping[name] else {
            note("\(mapping.place(name)) is missing")
            return nil
        }
        let items: [String]? =
            if case .sequence(let sequence) = node {
                sequence.reduce(into: Optional([])) { list, item in
                    if case .scalar(let scalar) = item, !scalar.string.isEmpty {
                        list?.append(scalar.string)
                    } else {
                        list = nil
                    }
                }
            } else {
                nil
            }
        guard let items, !items.isEmpty else {
            note("\(mapping.place(name))\(line(node)) must be a list of at least one text")
            return nil
        }
        return items
    }

    /// A non-negative decimal number times ten to the power of `places`.
    public mutating func decimal(_ name: String, in mapping: Mapping, places: Int) -> Int64? {
        guard let text = text(name, in: mapping) else { return nil }
        do {
            return try DecimalText.scaled(text, places: places)
        } catch {
            let what =
                switch error {
                case .notANumber: "must be a number that is not negative"
                case .tooPrecise: "has more than \(places) digits after the point"
                case .tooLarge: "is too large"
                }
            note("\(mapping.place(name))\(mapping[name].map(line) ?? "") \(what), and is \"\(text)\"")
            return nil
        }
    }

    /// A currency's ISO 4217 code.
    public mutating func currency(_ name: String, in mapping: Mapping) -> String? {
        guard let text = text(name, in: mapping) else { return nil }
        guard text.utf8.count == 3, text.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else {
            note("\(mapping.place(name)) must be a currency code of three capital letters, and is \"\(text)\"")
            return nil
        }
        return text
    }

    private func line(_ node: Node) -> String { node.mark.map { " (line \($0.line))" } ?? "" }
}
