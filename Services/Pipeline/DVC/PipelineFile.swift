// SPDX-License-Identifier: Apache-2.0

package import Baton
import YAML

/// Reads a project's `dvc.yaml`.
package enum PipelineFile {
    /// The stages, in the order of the file, with every template resolved.
    /// - Throws: `Refusal` with all problems.
    package static func read(project: any ProjectFiles) throws(Refusal) -> [StageDefinition] {
        let document = try project.document("dvc.yaml")
        var values = try TemplateValues(project: project)
        let problems = Problems()
        var root = Fields(document, at: "", problems)
        if let vars = root.optional("vars") { values.add(vars, from: "", at: "vars", problems) }
        // Accepted unread: they say how results are shown. Paths in them are checked where a stage writes them.
        for key in ["plots", "params", "metrics", "artifacts"] { _ = root.optional(key) }
        if root.optional("datasets") != nil { problems.add("datasets", "data outside the project is not supported") }
        let stages = readStages(&root, values, problems)
        root.finish()
        try problems.check(in: "dvc.yaml")
        return stages
    }

    private static func readStages(
        _ root: inout Fields, _ values: TemplateValues, _ problems: Problems
    ) -> [StageDefinition] {
        guard let value = root.required("stages") else { return [] }
        guard case .map(let map) = value, !map.isEmpty else {
            problems.add("stages", "must be a map of at least one stage")
            return []
        }
        let template = Template(values: values.values)
        var names: Set<String> = []
        return map.entries.flatMap { StageTemplate.expand($0.key, $0.value, template, problems) }.compactMap { stage in
            if !names.insert(stage.name).inserted { problems.add(stage.place, "there are two stages \(stage.name)") }
            return resolve(stage, values, problems)
        }
    }

    private static func resolve(
        _ stage: StageTemplate, _ values: TemplateValues, _ problems: Problems
    ) -> StageDefinition? {
        var values = values
        var body = stage.body
        if case .map(var map) = body, let vars = map["vars"] {
            map["vars"] = nil
            body = .map(map)
            values.add(vars, from: directory(of: map, values), at: "\(stage.place).vars", problems)
        }
        var names = values.values
        for (name, value) in stage.extra { names[name] = value }
        guard let resolved = resolveKeys(of: body, Template(values: names), at: stage.place, problems) else {
            return nil
        }
        return StageDefinition.read(stage.name, resolved, at: stage.place, problems)
    }

    /// The directory that the files of a stage's `vars` are relative to. Its own problems are named when the stage is
    /// read.
    private static func directory(of map: YAMLMap, _ values: TemplateValues) -> String {
        guard let written = map["wdir"], case .text(let text)? = try? Template(values: values.values).resolve(written)
        else { return "" }
        return (try? ProjectPath.normalise(text)) ?? ""
    }

    /// Resolves each key by itself, so that the problems of all keys are named.
    private static func resolveKeys(
        of body: YAMLValue, _ template: Template, at place: String, _ problems: Problems
    ) -> YAMLValue? {
        guard case .map(let map) = body else { return body }
        var resolved = YAMLMap()
        var isWhole = true
        for entry in map.entries {
            do {
                resolved[entry.key] = try template.resolve(entry.value, acceptsOptions: entry.key == "cmd")
            } catch {
                isWhole = false
                for problem in error.problems { problems.add("\(place).\(entry.key)", problem) }
            }
        }
        return isWhole ? .map(resolved) : nil
    }
}
