// SPDX-License-Identifier: Apache-2.0

import DVC

/// Runs the stages of a graph, one at a time: stages share a directory, and one may write what it does not declare.
/// Several run at a time where all of them are declared independent.
struct PipelineRun: Sendable {
    let graph: StageGraph
    let runner: StageRunner
    /// How many independent stages may run at a time.
    let limit: Int
    /// Told how many stages are done, and which ones are running.
    let progress: @Sendable (_ done: Int, _ running: [String]) -> Void

    /// - Returns: an outcome for each stage, in the graph's order.
    func run() async throws -> [StageRunner.Outcome] {
        var outcomes: [String: StageRunner.Outcome] = [:]
        var waiting = graph.stages
        var running: [StageDefinition] = []
        try await withThrowingTaskGroup(of: (String, StageRunner.Outcome).self) { group in
            func startReady() {
                while let index = waiting.firstIndex(where: { mayStart($0, beside: running, outcomes) }) {
                    let stage = waiting.remove(at: index)
                    running.append(stage)
                    let made = Self.outputs(of: outcomes)
                    group.addTask { (stage.name, try await runner.run(stage, after: made)) }
                }
                progress(outcomes.count, running.map(\.name))
            }
            startReady()
            while let (name, outcome) = try await group.next() {
                outcomes[name] = outcome
                running.removeAll { $0.name == name }
                startReady()
            }
        }
        return graph.stages.compactMap { outcomes[$0.name] }
    }

    private func mayStart(
        _ stage: StageDefinition, beside running: [StageDefinition], _ outcomes: [String: StageRunner.Outcome]
    ) -> Bool {
        guard running.isEmpty || running.count < limit && (running + [stage]).allSatisfy(\.isIndependent) else {
            return false
        }
        return graph.needs[stage.name, default: []].allSatisfy { outcomes[$0] != nil }
    }

    private static func outputs(of outcomes: [String: StageRunner.Outcome]) -> [String: HashedPath] {
        outcomes.values.reduce(into: [:]) { all, outcome in
            all.merge(outcome.entry.outputs) { first, _ in first }
        }
    }
}
