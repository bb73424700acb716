// SPDX-License-Identifier: Apache-2.0

import Baton

/// Runs the stages of a graph, several at a time where they do not need each other.
struct PipelineRun: Sendable {
    let graph: StageGraph
    let runner: StageRunner
    /// How many stages may run at a time.
    let limit: Int
    /// Told how many stages are done, and which ones are running.
    let progress: @Sendable (_ done: Int, _ running: [String]) -> Void

    /// - Returns: an outcome for each stage, in the graph's order.
    func run() async throws -> [StageRunner.Outcome] {
        var outcomes: [String: StageRunner.Outcome] = [:]
        var waiting = graph.stages
        var running: [String] = []
        try await withThrowingTaskGroup(of: (String, StageRunner.Outcome).self) { group in
            func startReady() {
                while running.count < limit, let index = waiting.firstIndex(where: { isReady($0, outcomes) }) {
                    let stage = waiting.remove(at: index)
                    running.append(stage.name)
                    let made = Self.outputs(of: outcomes)
                    group.addTask { (stage.name, try await runner.run(stage, after: made)) }
                }
                progress(outcomes.count, running)
            }
            startReady()
            while let (name, outcome) = try await group.next() {
                outcomes[name] = outcome
                running.removeAll { $0 == name }
                startReady()
            }
        }
        return graph.stages.compactMap { outcomes[$0.name] }
    }

    private func isReady(_ stage: StageDefinition, _ outcomes: [String: StageRunner.Outcome]) -> Bool {
        graph.needs[stage.name, default: []].allSatisfy { outcomes[$0] != nil }
    }

    private static func outputs(of outcomes: [String: StageRunner.Outcome]) -> [String: HashedPath] {
        outcomes.values.reduce(into: [:]) { all, outcome in
            all.merge(outcome.entry.outputs) { first, _ in first }
        }
    }
}
