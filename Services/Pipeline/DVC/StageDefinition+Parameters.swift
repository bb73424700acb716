// SPDX-License-Identifier: Apache-2.0

package import Baton
package import YAML

extension StageDefinition {
    /// Reads `params`: keys of `params.yaml`, or other files with their keys.
    static func readParameters(_ fields: inout Fields, from directory: String) -> [Parameters] {
        let place = fields.place("params")
        guard let value = fields.optional("params") else { return [] }
        guard case .list(let items) = value else {
            fields.problems.add(place, "must be a list, not \(value.kind)")
            return []
        }
        var found: [Parameters] = []
        for (index, item) in items.enumerated() {
            let place = "\(place)[\(index)]"
            switch item {
            case .text(let key): add(["params.yaml": [key]], from: directory, at: place, fields.problems, &found)
            case .map(let map):
                for entry in map.entries {
                    guard let keys = keys(entry.value) else {
                        fields.problems.add("\(place).\(entry.key)", "must be a list of keys, or empty for all keys")
                        continue
                    }
                    add([entry.key: keys.all], from: directory, at: place, fields.problems, &found)
                }
            default: fields.problems.add(place, "must be a key or a file with its keys, not \(item.kind)")
            }
        }
        return found
    }

    private static func keys(_ value: YAMLValue) -> (all: [String]?, Void)? {
        switch value {
        case .null: return (nil, ())
        case .list(let items):
            let keys = items.compactMap { if case .text(let key) = $0 { key } else { nil } }
            return keys.count == items.count ? (keys.isEmpty ? nil : keys, ()) : nil
        default: return nil
        }
    }

    private static func add(
        _ named: [String: [String]?], from directory: String, at place: String, _ problems: Problems,
        _ found: inout [Parameters]
    ) {
        for (file, keys) in named {
            guard let path = path(file, from: directory, at: place, problems) else { continue }
            if let index = found.firstIndex(where: { $0.file == path }) {
                // A file that is named as a whole is not narrowed by keys that are named later.
                if let old = found[index].keys { found[index].keys = keys.map { old + $0 } }
            } else {
                found.append(Parameters(file: path, keys: keys))
            }
        }
    }

    /// The values that the stage depends on now, by file as written.
    /// - Throws: `Refusal` naming every parameter that is not there.
    package func parameterValues(in project: any ProjectFiles) throws(Refusal) -> [(file: String, values: YAMLMap)] {
        var result: [(file: String, values: YAMLMap)] = []
        var missing: [String] = []
        for parameters in parameters {
            let content = try ParameterFile.read(parameters.file.inProject, in: project)
            var values = YAMLMap()
            for key in (parameters.keys ?? content.keys).sorted() {
                if let value = parameters.keys == nil ? content[key] : YAMLValue.map(content).value(at: key) {
                    values[key] = value
                } else {
                    missing.append("stage \(name): \(parameters.file.written) has no parameter \"\(key)\"")
                }
            }
            result.append((parameters.file.written, values))
        }
        guard missing.isEmpty else { throw Refusal(missing) }
        // dvc.lock has the default file first and the others by name.
        return result.sorted { ($0.file != "params.yaml", $0.file) < ($1.file != "params.yaml", $1.file) }
    }
}

private func < (left: (Bool, String), right: (Bool, String)) -> Bool {
    left.0 == right.0 ? left.1 < right.1 : !left.0
}
