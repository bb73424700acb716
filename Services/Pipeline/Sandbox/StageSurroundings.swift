// SPDX-License-Identifier: Apache-2.0

package import ChildProcess
import ConfinedFiles
package import DVC

/// What every stage of one run finds around it.
package struct StageSurroundings: Sendable {
    /// Names the project across runs.
    let identity: String
    /// Where the run is.
    package let workspace: Workspace
    /// Where the project is below the workspace's files.
    let project: String
    /// Where programs are looked for.
    let path: StagePath
    /// Whether stages find the workspace at the same path in every run, in a view of the machine of their own.
    /// Otherwise they find it where it is, and that is another path in every run.
    let hasFixedPlace: Bool

    /// What stages of the project with this identity find in a workspace.
    package init(identity: String, workspace: Workspace, project: String, path: StagePath, hasFixedPlace: Bool) {
        (self.identity, self.workspace, self.project) = (identity, workspace, project)
        (self.path, self.hasFixedPlace) = (path, hasFixedPlace)
    }

    /// Where a stage with a view of its own finds the workspace.
    static let fixedPlace = "/relay-workspace"

    /// What a stage's result may depend on, on every machine, and so part of its key.
    private static let fixedVariables = [
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        // Off: byte code beside the sources would change directories that stages depend on.
        "PYTHONDONTWRITEBYTECODE": "1",
        // 1980-01-01, the earliest time that zip archives can hold.
        "SOURCE_DATE_EPOCH": "315532800",
        // One thread each: sums made by several differ in their last digits from run to run.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "NUMEXPR_NUM_THREADS": "1",
    ]

    private var place: String { hasFixedPlace ? Self.fixedPlace : workspace.files.path }

    /// The part of the surroundings that belongs to a stage's key. `PATH` does not: the programs that it leads to do.
    package var keyed: [String: String] {
        Self.fixedVariables.merging(
            ["project": identity, "workspace": hasFixedPlace ? Self.fixedPlace : "another one for every run"]
        ) { variable, _ in variable }
    }

    /// The command of a stage, in its directory and with its whole environment.
    package func command(_ script: String, of stage: StageDefinition, output: Command.Output) -> Command {
        let directory = [place, project, stage.directory].filter { !$0.isEmpty }.joined(separator: "/")
        let variables = [
            "PATH": path.text, "HOME": place + "/home", "TMPDIR": "\(place)/\(temporary(of: stage))",
            "PWD": directory, "DVC_ROOT": "\(place)/\(project)", "DVC_STAGE": stage.name,
        ]
        return Command(
            executable: "/bin/sh", arguments: ["-c", script],
            environment: Self.fixedVariables.merging(variables) { _, variable in variable },
            workingDirectory: directory, output: output,
            view: hasFixedPlace ? Self.view(of: workspace) : nil)
    }

    /// The environment of programs that are run outside of stages, to ask them something.
    var questionVariables: [String: String] {
        Self.fixedVariables.merging(["PATH": path.text, "HOME": workspace.home]) { _, variable in variable }
    }

    /// Where a stage's temporary files go, below the workspace's files.
    package func temporary(of stage: StageDefinition) -> String { "tmp/" + stage.name.replacing("/", with: "_") }

    private static func view(of workspace: Workspace) -> Command.View {
        Command.View(base: workspace.view, adding: [fixedPlace: workspace.files.path])
    }

    /// Why stages can have no view of their own here; nil when they can.
    package static func reasonAgainstView(of workspace: Workspace) async throws -> String? {
        let question = Command(
            executable: "/bin/sh", arguments: ["-c", ":"], workingDirectory: fixedPlace, view: view(of: workspace))
        do throws(SpawnError) {
            let report = try await ChildProcess.run(question)
            return report.succeeded ? nil : "\(report.status)"
        } catch {
            guard [.view, .workingDirectory].contains(error.step) else { throw error }
            return error.description
        }
    }
}
