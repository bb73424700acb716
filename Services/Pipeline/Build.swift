// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Digest
import Foundation

/// One release, from its project to its manifest.
struct Build: Sendable {
    let request: ReleaseRequest
    let store: any ArtifactStore
    /// Where the run may make its workspace; what is there is removed.
    let workspaceDirectory: String
    /// The directory of the stages' logs, which stays.
    let logs: String
    /// How many stages may run at a time.
    var stageLimit = 2
    /// What git may use to read private repositories.
    var gitCredentialsFile: String?
    let meter: UsageMeter
    /// Told how far the build is, from 0 to 1, and what it does.
    let progress: @Sendable (Double, String) -> Void

    /// Builds the release. Cancellation ends what is running, with everything that it started.
    /// - Throws: ``BuildFailure``, or `CancellationError`.
    func run() async throws -> ReleaseManifest {
        do {
            let workspace = try await BlockingWork.run { try Workspace(emptyAt: workspaceDirectory) }
            do {
                let manifest = try await run(in: workspace)
                try await BlockingWork.run { workspace.discard() }
                return manifest
            } catch {
                try? await BlockingWork.run { workspace.discard() }
                throw error
            }
        } catch {
            if Task.isCancelled || error is CancellationError { throw CancellationError() }
            throw BuildFailure(error)
        }
    }

    private func run(in workspace: Workspace) async throws -> ReleaseManifest {
        progress(0, "checking out the project")
        let source = try await ProjectSource(request.project, gitCredentialsFile: gitCredentialsFile)
            .checkOut(into: workspace)
        let project = source.project
        progress(0.02, "reading dvc.yaml and relay.yaml")
        let plan = try await BlockingWork.run { try Plan(project: project, request: request) }
        let run = PipelineRun(
            graph: plan.graph,
            runner: StageRunner(
                project: project, workspace: workspace, store: store, logs: logs,
                interpreters: Interpreters(workspace: workspace), meter: meter),
            limit: stageLimit
        ) { done, running in
            let fraction = 0.05 + 0.9 * Double(done) / Double(plan.graph.stages.count)
            progress(fraction, running.isEmpty ? "all stages done" : "running \(running.joined(separator: ", "))")
        }
        let outcomes = try await run.run()
        progress(0.96, "checking what is handed over")
        return try await BlockingWork.run {
            try HandOver(plan: plan, outcomes: outcomes, project: project, store: store, meter: meter)
                .manifest(commit: source.commit)
        }
    }
}

/// What is going to be run, found to be in order before anything is.
struct Plan: Sendable {
    let declaration: ReleaseDeclaration
    let graph: StageGraph
    /// The digest of the project's files as they were checked out.
    let source: ContentDigest

    /// Reads the project, removes what its pipeline makes, and puts the request's parameters in.
    /// - Throws: `Refusal` with all problems of the part that was wrong.
    init(project: String, request: ReleaseRequest) throws {
        declaration = try ReleaseDeclaration.read(
            YAMLDocument.read(file: "\(project)/relay.yaml", name: "relay.yaml"))
        guard declaration.model.name == request.model else {
            throw Refusal(
                "the project declares the model \"\(declaration.model.name)\" in relay.yaml, not \"\(request.model)\"")
        }
        let original = try PipelineFile.read(project: project)
        source = try SourceDigest.of(project, without: original.flatMap { $0.outputs.map(\.inProject) })
        try ParameterChange.apply(request.parameters ?? [:], in: project)
        let stages = try PipelineFile.read(project: project)
        graph = try StageGraph(stages)
        let outputs = Set((original + stages).flatMap(\.outputs).map(\.inProject))
        for path in outputs where FileKind.of("\(project)/\(path)") != nil {
            try FileManager.default.removeItem(atPath: "\(project)/\(path)")
        }
        try checkInputs(project)
        try checkNamedOutputs(outputs)
    }

    private func checkInputs(_ project: String) throws(Refusal) {
        var problems: [String] = []
        let made = graph.stages.flatMap(\.outputs)
        for stage in graph.stages {
            if !stage.directory.isEmpty, FileKind.of("\(project)/\(stage.directory)") == nil {
                problems.append("dvc.yaml: stages.\(stage.name).wdir: there is no directory \(stage.directory)")
            }
            for input in stage.inputs where FileKind.of("\(project)/\(input.inProject)") == nil {
                if made.contains(where: { ProjectPath.overlap($0.inProject, input.inProject) }) { continue }
                problems.append(
                    "dvc.yaml: stage \(stage.name) depends on \(input.written), which is not in the project and which "
                        + "no stage writes")
            }
        }
        guard problems.isEmpty else { throw Refusal(problems) }
    }

    private func checkNamedOutputs(_ outputs: Set<String>) throws(Refusal) {
        let problems = declaration.namedOutputs.filter { named in
            !outputs.contains { named.path == $0 || named.path.hasPrefix($0 + "/") }
        }
        guard problems.isEmpty else {
            throw Refusal(problems.map { "relay.yaml: \($0.key): no stage of dvc.yaml writes \($0.path)" })
        }
    }
}
