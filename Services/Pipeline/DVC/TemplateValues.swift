// SPDX-License-Identifier: Apache-2.0

import Baton
import YAML

/// Collects what `${...}` may name: `params.yaml`, then `vars` in their order.
struct TemplateValues {
    let project: any ProjectFiles
    private(set) var values: YAMLMap
    /// Files loaded as a whole; loading one again adds nothing.
    private var loaded: Set<String> = []

    init(project: any ProjectFiles) throws(Refusal) {
        self.project = project
        values = YAMLMap()
        guard let parameters = try ParameterFile.readIfThere("params.yaml", in: project) else { return }
        values = parameters
        loaded.insert("params.yaml")
    }

    /// Adds the entries of a `vars` list.
    mutating func add(_ vars: YAMLValue, from directory: String, at place: String, _ problems: Problems) {
        guard case .list(let entries) = vars else {
            problems.add(place, "must be a list of files and maps, not \(vars.kind)")
            return
        }
        for (index, entry) in entries.enumerated() {
            do {
                try add(entry, from: directory)
            } catch {
                problems.add("\(place)[\(index)]", error.description)
            }
        }
    }

    private mutating func add(_ entry: YAMLValue, from directory: String) throws(Refusal) {
        switch entry {
        case .map(let map): try merge(map, into: &values, at: "")
        case .text(let text):
            if text.contains("${") { throw Refusal("templates cannot be used in vars") }
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let path = try ProjectPath.normalise(String(parts[0]), from: directory)
            let file = try ParameterFile.read(path, in: project)
            guard parts.count == 2 else {
                if loaded.insert(path).inserted { try merge(file, into: &values, at: "") }
                return
            }
            var chosen = YAMLMap()
            for key in parts[1].split(separator: ",") {
                guard let value = file[String(key)] else { throw Refusal("\(path) has no \"\(key)\"") }
                chosen[String(key)] = value
            }
            try merge(chosen, into: &values, at: "")
        default: throw Refusal("must be a file or a map, not \(entry.kind)")
        }
    }

    private func merge(_ new: YAMLMap, into old: inout YAMLMap, at path: String) throws(Refusal) {
        for entry in new.entries {
            switch (old[entry.key], entry.value) {
            case (nil, let value): old[entry.key] = value
            case (.map(var inner), .map(let value)):
                try merge(value, into: &inner, at: path + entry.key + ".")
                old[entry.key] = .map(inner)
            default: throw Refusal("\(path)\(entry.key) is defined already")
            }
        }
    }
}
