// SPDX-License-Identifier: Apache-2.0

import Baton

/// Parameters of a request, put in the place of the project's own.
enum ParameterChange {
    private static let file = "params.yaml"

    /// Writes other values into `params.yaml`, in which every other byte stays what it is.
    /// - Throws: `Refusal` naming every parameter that the project does not have or that cannot be set so.
    static func apply(_ changes: [String: JSONValue], in project: ConfinedDirectory) throws {
        guard !changes.isEmpty else { return }
        guard let kind = try project.kind(file, .refuse) else {
            throw Refusal("the request sets parameters, but the project has no \(file)")
        }
        guard kind != .link else {
            throw Refusal(
                "the request sets parameters, but \(file) is a symbolic link, and who reads the file that it leads to "
                    + "would not see them")
        }
        var text = YAMLText(try YAMLDocument.text(of: file, in: project))
        var problems: [String] = []
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
            do {
                try text.set(name, to: YAMLValue(value), in: file)
            } catch {
                problems += error.problems
            }
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        try project.write(file, text.text.utf8)
    }
}

extension YAMLValue {
    /// A number that was written without a point or an exponent is an integer.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        // What is beyond all numbers is refused when it is asked for.
        case .number(let value): self = YAMLScalar.resolve(value.text)
        case .string(let value): self = .text(value)
        case .array(let items): self = .list(items.map { YAMLValue($0) })
        case .object(let members):
            self = .map(YAMLMap(members.sorted { $0.key < $1.key }.map { ($0.key, YAMLValue($0.value)) }))
        }
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
