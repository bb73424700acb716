// SPDX-License-Identifier: Apache-2.0

package import YAML

/// `dvc.lock`, schema 2.0.
package enum LockFile {
    /// What one stage read and wrote.
    package struct Entry: Sendable {
        /// The stage, as it was run.
        package let stage: StageDefinition
        /// What it read, by path in the project.
        package let dependencies: [String: HashedPath]
        /// The parameters that it depends on, by file as written.
        package let parameters: [(file: String, values: YAMLMap)]
        /// What it wrote, by path in the project.
        package let outputs: [String: HashedPath]

        /// What a stage that was run, or that needed no run, read and wrote.
        package init(
            stage: StageDefinition, dependencies: [String: HashedPath],
            parameters: [(file: String, values: YAMLMap)], outputs: [String: HashedPath]
        ) {
            (self.stage, self.dependencies, self.parameters) = (stage, dependencies, parameters)
            self.outputs = outputs
        }
    }

    /// The text of the file.
    package static func write(_ entries: [Entry]) -> String {
        let stages = YAMLMap(entries.map { ($0.stage.name, .map(describe($0))) })
        return YAMLWriter.write(.map(YAMLMap([("schema", .text("2.0")), ("stages", .map(stages))])))
    }

    private static func describe(_ entry: Entry) -> YAMLMap {
        var map = YAMLMap([("cmd", entry.stage.command)])
        let dependencies = describe(entry.stage.dependencies, entry.dependencies)
        if !dependencies.isEmpty { map["deps"] = .list(dependencies) }
        let parameters = entry.parameters.filter { !$0.values.isEmpty }
        if !parameters.isEmpty { map["params"] = .map(YAMLMap(parameters.map { ($0.file, .map($0.values)) })) }
        let outputs = describe(entry.stage.outputs, entry.outputs)
        if !outputs.isEmpty { map["outs"] = .list(outputs) }
        return map
    }

    private static func describe(_ paths: [StageDefinition.Path], _ hashed: [String: HashedPath]) -> [YAMLValue] {
        paths.sorted { $0.written < $1.written }.compactMap { path in
            guard let hash = hashed[path.inProject] else { return nil }
            var map = YAMLMap([
                ("path", .text(path.written)), ("hash", .text("md5")), ("md5", .text(hash.md5)),
                ("size", .integer(hash.bytes)),
            ])
            if let files = hash.files { map["nfiles"] = .integer(files.count) }
            if hash.isExecutable { map["isexec"] = .bool(true) }
            return .map(map)
        }
    }
}
