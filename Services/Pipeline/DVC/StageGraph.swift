// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Which stage needs which.
package struct StageGraph: Sendable {
    /// In an order in which every stage comes after those it needs; otherwise as in the file.
    package let stages: [StageDefinition]
    /// The names of the stages that a stage needs.
    package let needs: [String: Set<String>]

    /// Orders the stages.
    /// - Throws: `Refusal` with all problems: outputs of two stages, cycles.
    package init(_ stages: [StageDefinition]) throws(Refusal) {
        let problems = Self.sharedOutputs(stages)
        guard problems.isEmpty else { throw Refusal(problems) }
        var needs: [String: Set<String>] = [:]
        for stage in stages {
            needs[stage.name] = Set(
                stages.filter { maker in
                    maker.outputs.contains { output in
                        stage.inputs.contains { ProjectPath.overlap($0.inProject, output.inProject) }
                    }
                }.map(\.name))
        }
        self.needs = needs
        self.stages = try Self.order(stages, needs)
    }

    private static func sharedOutputs(_ stages: [StageDefinition]) -> [String] {
        let all = stages.flatMap { stage in stage.outputs.map { (stage: stage.name, path: $0.inProject) } }
        var problems: [String] = []
        for (index, one) in all.enumerated() {
            for other in all[(index + 1)...] where ProjectPath.overlap(one.path, other.path) {
                problems.append(
                    one.path == other.path
                        ? one.stage == other.stage
                            ? "dvc.yaml: stage \(one.stage) names its output \(one.path) twice"
                            : "dvc.yaml: the output \(one.path) belongs to two stages, \(one.stage) and \(other.stage)"
                        : "dvc.yaml: the output \(one.path) of stage \(one.stage) and the output \(other.path) of "
                            + "stage \(other.stage) lie in each other")
            }
        }
        return problems
    }

    private static func order(
        _ stages: [StageDefinition], _ needs: [String: Set<String>]
    ) throws(Refusal) -> [StageDefinition] {
        var ordered: [StageDefinition] = []
        var done: Set<String> = []
        var rest = stages
        while let index = rest.firstIndex(where: { needs[$0.name, default: []].isSubset(of: done) }) {
            let stage = rest.remove(at: index)
            ordered.append(stage)
            done.insert(stage.name)
        }
        guard let first = rest.first else { return ordered }
        // Each remaining stage needs another remaining one, so following the needs leads round a cycle.
        var walk = [first.name]
        while let last = walk.last,
            let next = rest.map(\.name).first(where: { needs[last, default: []].contains($0) })
        {
            if let start = walk.firstIndex(of: next) {
                let cycle = (walk[start...] + [next]).joined(separator: " needs ")
                throw Refusal("dvc.yaml: stages need each other in a cycle: \(cycle)")
            }
            walk.append(next)
        }
        return ordered
    }
}
