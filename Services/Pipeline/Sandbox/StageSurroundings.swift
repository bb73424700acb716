// SPDX-License-Identifier: Apache-2.0

package import ChildProcess
import ConfinedFiles
package import DVC

/// What every stage of one run finds around it.
package struct StageSurroundings: Sendable {
    /// What makes it the same project another time.
    let identity: String
    /// Where the run is.
    package let workspace: Workspace
    /// Where the project is below the workspace's files.
    let project: String
    /// Where programs are looked for.
    let path: StagePath
    /// Whether stages find the workspace at the same path in every run, in a view of their own; otherwise it is where
    /// it is for everybody, which is another place for every run.
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
        // Byte code beside the sources would change directories that stages depend on.
        "PYTHONDONTWRITEBYTECODE": "1",
        // 1980-01-01, the earliest time that zip archives can hold.
        "SOURCE_DATE_EPOCH": "315532800",
        // Sums by several threads come out in another order, and so in other last digits.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "NUMEXPR_NUM_THREADS": "1",
    ]

    private var place: String { hasFixedPlace ? Self.fixedPlace : workspace.files.path }

    /// What of the surroundings is part of a stage's key. `PATH` is there by the programs that it leads to.
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

    /// What a program is asked with that no stage runs.
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
