// SPDX-License-Identifier: Apache-2.0

import Baton
import YAML

/// Files of parameters: YAML, and JSON, which is YAML too.
enum ParameterFile {
    /// - Throws: `Refusal` when the file is missing, is of a kind not read here, or is no map.
    static func read(_ path: String, in project: any ProjectFiles) throws(Refusal) -> YAMLMap {
        guard [".yaml", ".yml", ".json"].contains(where: path.hasSuffix) else {
            throw Refusal("\(path) is neither YAML nor JSON: parameters in other formats are not supported")
        }
        return try map(project.document(path), path)
    }

    /// - Returns: nil when the file is missing.
    /// - Throws: `Refusal` when the file cannot be read or is no map.
    static func readIfThere(_ path: String, in project: any ProjectFiles) throws(Refusal) -> YAMLMap? {
        guard let bytes = try project.content(of: path) else { return nil }
        return try map(YAMLDocument.read(bytes, name: path), path)
    }

    private static func map(_ value: YAMLValue, _ path: String) throws(Refusal) -> YAMLMap {
        switch value {
        case .map(let map): map
        case .null: YAMLMap()
        default: throw Refusal("\(path) must be a map of parameters, not \(value.kind)")
        }
    }
}
