// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation

/// Parameters of a request, put in the place of the project's own.
enum ParameterChange {
    /// Writes `params.yaml` again with other values.
    /// - Throws: `Refusal` naming every parameter that the project does not have.
    static func apply(_ changes: [String: JSONValue], in project: String) throws(Refusal) {
        guard !changes.isEmpty else { return }
        guard ParameterFile.exists("params.yaml", in: project) else {
            throw Refusal("the request sets parameters, but the project has no params.yaml")
        }
        var content = YAMLValue.map(try ParameterFile.read("params.yaml", in: project))
        var problems: [String] = []
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
            let path = name.split(separator: ".", omittingEmptySubsequences: false)
            if let changed = set(path[...], to: YAMLValue(value), in: content) {
                content = changed
            } else {
                problems.append("params.yaml has no parameter \"\(name)\"")
            }
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        do {
            try Data(YAMLWriter.write(content).utf8).write(to: URL(filePath: "\(project)/params.yaml"))
        } catch {
            throw Refusal("params.yaml cannot be written: \(error.localizedDescription)")
        }
    }

    /// - Returns: nil when there is nothing at the path.
    private static func set(_ path: ArraySlice<Substring>, to new: YAMLValue, in value: YAMLValue) -> YAMLValue? {
        guard let first = path.first else { return new }
        switch value {
        case .map(var map):
            guard let old = map[String(first)] else { return nil }
            map[String(first)] = set(path.dropFirst(), to: new, in: old)
            return map[String(first)] == nil ? nil : .map(map)
        case .list(var items):
            guard let index = Int(first), items.indices.contains(index),
                let changed = set(path.dropFirst(), to: new, in: items[index])
            else { return nil }
            items[index] = changed
            return .list(items)
        default: return nil
        }
    }
}

extension YAMLValue {
    /// A number that was written without a point or an exponent is an integer.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        // What is neither is refused when it is asked for.
        case .number(let value): self = value.int.map(YAMLValue.integer) ?? .number(value.double ?? .infinity)
        case .string(let value): self = .text(value)
        case .array(let items): self = .list(items.map { YAMLValue($0) })
        case .object(let members):
            self = .map(YAMLMap(members.sorted { $0.key < $1.key }.map { ($0.key, YAMLValue($0.value)) }))
        }
    }
}
