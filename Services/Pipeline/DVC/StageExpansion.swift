// SPDX-License-Identifier: Apache-2.0

import Baton
import YAML

/// One stage of a `dvc.yaml` before its templates are resolved.
struct StageTemplate {
    let name: String
    /// Where messages say it is.
    let place: String
    let body: YAMLValue
    /// `item` and `key` of `foreach` and `matrix`.
    var extra: [(String, YAMLValue)] = []

    /// The stages that an entry of `stages` stands for: several with `foreach` or `matrix`.
    static func expand(_ name: String, _ body: YAMLValue, _ template: Template, _ problems: Problems) -> [StageTemplate]
    {
        let place = "stages.\(name)"
        guard case .map(let map) = body else {
            problems.add(place, "must be a map, not \(body.kind)")
            return []
        }
        do throws(Refusal) {
            switch (map["foreach"], map["matrix"]) {
            case (nil, nil): return [StageTemplate(name: name, place: place, body: body)]
            case (.some, .some): throw Refusal("foreach and matrix exclude each other")
            case (let items?, nil): return try foreach(name, map, items, template)
            case (nil, let matrix?): return try self.matrix(name, map, matrix, template)
            }
        } catch {
            for problem in error.problems { problems.add(place, problem) }
            return []
        }
    }

    private static func foreach(
        _ name: String, _ map: YAMLMap, _ items: YAMLValue, _ template: Template
    ) throws(Refusal) -> [StageTemplate] {
        guard let body = map["do"] else { throw Refusal("foreach needs a \"do\"") }
        let others = map.keys.filter { $0 != "foreach" && $0 != "do" }
        guard others.isEmpty else { throw Refusal("\(others.joined(separator: ", ")) cannot stand beside foreach") }
        func stage(_ key: String, _ extra: [(String, YAMLValue)]) -> StageTemplate {
            StageTemplate(name: "\(name)@\(key)", place: "stages.\(name).do", body: body, extra: extra)
        }
        switch try template.resolve(items) {
        case .list(let items):
            let areScalars = items.allSatisfy(\.isScalar)
            return items.enumerated().map { index, item in
                stage(areScalars ? Template.scalar(item) : "\(index)", [("item", item)])
            }
        case .map(let items):
            return items.entries.map { stage($0.key, [("item", $0.value), ("key", .text($0.key))]) }
        case let value: throw Refusal("foreach takes a list or a map, not \(value.kind)")
        }
    }

    private static func matrix(
        _ name: String, _ map: YAMLMap, _ matrix: YAMLValue, _ template: Template
    ) throws(Refusal) -> [StageTemplate] {
        guard case .map(let axes) = try template.resolve(matrix), !axes.isEmpty else {
            throw Refusal("matrix takes a map of names to lists")
        }
        var body = map
        body["matrix"] = nil
        var combinations: [(labels: [String], item: YAMLMap)] = [([], YAMLMap())]
        for axis in axes.entries {
            guard case .list(let values) = axis.value else { throw Refusal("matrix.\(axis.key) must be a list") }
            combinations = combinations.flatMap { combination in
                values.enumerated().map { index, value in
                    var item = combination.item
                    item[axis.key] = value
                    let label = value.isScalar ? Template.scalar(value) : "\(axis.key)\(index)"
                    return (combination.labels + [label], item)
                }
            }
        }
        return combinations.map { combination in
            let key = combination.labels.joined(separator: "-")
            return StageTemplate(
                name: "\(name)@\(key)", place: "stages.\(name)", body: .map(body),
                extra: [("item", .map(combination.item)), ("key", .text(key))])
        }
    }
}
