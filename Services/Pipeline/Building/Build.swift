// SPDX-License-Identifier: Apache-2.0

package import ArtifactStore
package import Baton
import ConfinedFiles
import DVC
import Operations
package import Sandbox

/// One release, from its project to its manifest.
package struct Build: Sendable {
    let request: ReleaseRequest
    let store: any ArtifactStore
    let workspaceDirectory: String
    let logs: String
    let stageLimit: Int
    let stagePath: StagePath
    let gitCredentialsFile: String?
    let meter: BuildMeter
    let progress: @Sendable (Double, String) -> Void
    let notice: @Sendable (String) -> Void
    let allowsView: Bool

    /// - Parameters:
    ///   - workspaceDirectory: where the run may make its workspace; what is there is removed.
    ///   - logs: the directory of the stages' logs, which stays.
    ///   - stageLimit: how many independent stages may run at a time.
    ///   - stagePath: where stages' programs are looked for.
    ///   - gitCredentialsFile: what git may use to read private repositories.
    ///   - progress: told how far the build is, from 0 to 1, and what it does.
    ///   - notice: told what people should know although the build goes on.
    ///   - allowsView: whether stages may have a view of the machine of their own, where the kernel lets them.
    package init(
        request: ReleaseRequest, store: any ArtifactStore, workspaceDirectory: String, logs: String,
        stageLimit: Int = 2, stagePath: StagePath = .system, gitCredentialsFile: String? = nil, meter: BuildMeter,
        progress: @escaping @Sendable (Double, String) -> Void, notice: @escaping @Sendable (String) -> Void = { _ in },
        allowsView: Bool = true
    ) {
        (self.request, self.store, self.workspaceDirectory, self.logs) = (request, store, workspaceDirectory, logs)
        (self.stageLimit, self.stagePath) = (stageLimit, stagePath)
        (self.gitCredentialsFile, self.meter) = (gitCredentialsFile, meter)
        (self.progress, self.notice, self.allowsView) = (progress, notice, allowsView)
    }

    /// Builds the release. Cancellation ends what is running, with everything that it started.
    /// - Throws: ``BuildFailure``, or `CancellationError`.
    package func run() async throws -> ReleaseManifest {
        do {
            let workspace = try await onThreadOfItsOwn { try Workspace(emptyAt: workspaceDirectory) }
            do {
                let manifest = try await run(in: workspace)
                try await onThreadOfItsOwn { workspace.discard() }
                return manifest
            } catch {
                try? await onThreadOfItsOwn { workspace.discard() }
                throw error
            }
        } catch {
            if Task.isCancelled || error is CancellationError { throw CancellationError() }
            throw BuildFailure(error)
        }
    }

    private func run(in workspace: Workspace) async throws -> ReleaseManifest {
        progress(0, "checking out the project")
        let source = try ProjectSource(request.project, gitCredentialsFile: gitCredentialsFile)
        let checkedOut = try await source.checkOut(into: workspace)
        let project = checkedOut.project
        progress(0.02, "reading dvc.yaml and relay.yaml")
        let plan = try await onThreadOfItsOwn { try Plan(project: project, request: request) }
        let surroundings = try await surroundings(of: source, checkedOut, workspace)
        let run = PipelineRun(
            graph: plan.graph,
            runner: StageRunner(
                project: project, surroundings: surroundings, store: store, logs: logs,
                interpreters: Interpreters(surroundings, project: project), meter: meter, notice: notice),
            limit: stageLimit
        ) { done, running in
            let fraction = 0.05 + 0.9 * Double(done) / Double(plan.graph.stages.count)
            progress(fraction, running.isEmpty ? "all stages done" : "running \(running.joined(separator: ", "))")
        }
        let outcomes = try await run.run()
        progress(0.96, "checking what is handed over")
        return try await onThreadOfItsOwn {
            try FinishedRun(plan: plan, outcomes: outcomes, project: project, store: store, meter: meter)
                .manifest(commit: checkedOut.commit)
        }
    }

    private func surroundings(
        of source: ProjectSource, _ checkedOut: ProjectSource.CheckedOut, _ workspace: Workspace
    ) async throws -> StageSurroundings {
        let reason = allowsView ? try await StageSurroundings.reasonAgainstView(of: workspace) : "not wanted"
        if let reason {
            notice(
                "stages find their files at another path than in other runs, \(workspace.files.path), and results are "
                    + "kept as such: they can have no mount namespace of their own here (\(reason))")
        }
        return StageSurroundings(
            identity: source.identity, workspace: workspace,
            project: ["checkout", checkedOut.path].filter { !$0.isEmpty }.joined(separator: "/"), path: stagePath,
            hasFixedPlace: reason == nil)
    }
}
