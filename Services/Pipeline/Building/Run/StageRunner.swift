// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import ChildProcess
import ConfinedFiles
import DVC
import Operations
import Sandbox

/// Runs single stages of one project, or finds that there is nothing to run.
struct StageRunner: Sendable {
    /// The result of one stage.
    struct Outcome: Sendable {
        let entry: LockFile.Entry
        let result: ReleaseManifest.Stage.Result
        let cpu: Duration
        let key: StageKey
    }

    let project: ConfinedDirectory
    let surroundings: StageSurroundings
    let store: any ArtifactStore
    /// The directory of the stages' logs.
    let logs: String
    let interpreters: Interpreters
    let meter: BuildMeter
    /// Told what people should know although the build goes on.
    let notice: @Sendable (String) -> Void

    /// - Parameter made: what the earlier stages wrote, by path, as it was when it was hashed.
    func run(_ stage: StageDefinition, after made: [String: HashedPath]) async throws -> Outcome {
        let dependencies = try await onThreadOfItsOwn { try hash(stage.dependencies, of: stage, as: made) }
        let parameters = try await onThreadOfItsOwn { try stage.parameterValues(in: project) }
        let programs = try await interpreters.describe(stage.commands)
        let key = StageKey(
            stage, inputs: dependencies, parameters: parameters, programs: programs,
            surroundings: surroundings.keyed)
        func outcome(
            _ outputs: [String: HashedPath], _ result: ReleaseManifest.Stage.Result, _ cpu: Duration
        ) -> Outcome {
            let entry = LockFile.Entry(
                stage: stage, dependencies: dependencies, parameters: parameters, outputs: outputs)
            return Outcome(entry: entry, result: result, cpu: cpu, key: key)
        }
        try await onThreadOfItsOwn { try removeOutputs(of: stage) }
        if !stage.runsAlways, let known = try await onThreadOfItsOwn({ try restore(key, of: stage) }) {
            return outcome(known.outputs, .unchanged, .zero)
        }
        let cpu = try await execute(stage)
        let outputs = try await onThreadOfItsOwn { try keepOutputs(of: stage, dependencies: dependencies, key: key) }
        return outcome(outputs, .ran, cpu)
    }

    /// - Returns: nil when nothing is known under the key, or what was known is damaged: then the stage runs.
    private func restore(_ key: StageKey, of stage: StageDefinition) throws -> StageRecord? {
        do {
            guard let record = try StageRecord.find(key, in: store) else { return nil }
            try record.materialise(in: project, from: store)
            return record
        } catch let error as ArtifactStoreError where error.isAboutContent {
            notice("stage \(stage.name) runs again: \(error)")
        } catch let error as StageRecord.Damaged {
            notice("stage \(stage.name) runs again: \(error)")
        }
        try removeOutputs(of: stage)
        return nil
    }

    private func removeOutputs(of stage: StageDefinition) throws {
        for output in stage.outputs { try project.remove(output.inProject) }
    }

    /// Hashes what a stage reads, which must still be what the stages before have written.
    private func hash(
        _ paths: [StageDefinition.Path], of stage: StageDefinition, as made: [String: HashedPath]
    ) throws -> [String: HashedPath] {
        var hashed: [String: HashedPath] = [:]
        for path in paths {
            let found = try HashedPath(
                path.inProject, in: project, name: "\(path.written), which stage \(stage.name) depends on,")
            if let before = made[path.inProject], before.digest != found.digest {
                throw Refusal(
                    "\(path.inProject) was changed after it was hashed: it was \(before.digest), and stage "
                        + "\(stage.name) finds \(found.digest)")
            }
            hashed[path.inProject] = found
        }
        return hashed
    }

    private func execute(_ stage: StageDefinition) async throws -> Duration {
        let log = try await onThreadOfItsOwn {
            try surroundings.workspace.files.makeDirectory(surroundings.temporary(of: stage))
            if !stage.directory.isEmpty, try project.kind(stage.directory) != .directory {
                throw Refusal("stage \(stage.name) runs in \(stage.directory), which is no directory")
            }
            return try StageLog(stage: stage.name, in: logs)
        }
        var cpu = Duration.zero
        for command in stage.commands {
            try await onThreadOfItsOwn { try log.append("$ \(command)") }
            let report = try await ChildProcess.run(
                surroundings.command(command, of: stage, output: .appending(toFile: log.path)))
            cpu += report.cpu
            meter.add(cpu: report.cpu)
            try Task.checkCancellation()
            guard !report.succeeded else { continue }
            let tail = await (try? onThreadOfItsOwn { log.tail() }) ?? ""
            throw BuildFailure(
                "stage \(stage.name) failed with \(report.status): `\(command)`; its log is \(log.path) and "
                    + "ends with:\n\(tail)", isRetryable: report.status.wasEndedFromOutside)
        }
        return cpu
    }

    private func keepOutputs(
        of stage: StageDefinition, dependencies: [String: HashedPath], key: StageKey
    ) throws -> [String: HashedPath] {
        let missing = try stage.outputs.filter { try project.kind($0.inProject, .refuse) == nil }
        guard missing.isEmpty else {
            throw Refusal(
                missing.map { "stage \(stage.name) did not write its output \($0.inProject)" }
                    + ["the log of stage \(stage.name) is in \(logs)"])
        }
        // Refused: with inputs that the stage itself changes, a second run would not give the same.
        for (path, before) in dependencies {
            let after = try HashedPath(path, in: project, name: path)
            guard after.digest == before.digest else {
                throw Refusal("stage \(stage.name) changed \(path), which it depends on")
            }
        }
        var outputs: [String: HashedPath] = [:]
        for output in stage.outputs {
            let path = output.inProject
            let hashed = try HashedPath(
                path, in: project, name: "the output \(path) of stage \(stage.name)", isOutput: true)
            meter.add(storedBytes: try hashed.store(path, of: project, in: store))
            outputs[path] = hashed
        }
        if !stage.runsAlways { try StageRecord(outputs: outputs).save(key, in: store) }
        return outputs
    }
}

extension ExitReport.Status {
    /// Whether the program was ended from outside, so that another try may succeed: by SIGKILL, as the kernel does when
    /// memory is short, or by SIGTERM, as a machine does that stops. A shell reports the end of its child by a signal
    /// as exit code 128 plus the signal. Any other signal, such as SIGSEGV, is the program's own fault and would come
    /// again.
    var wasEndedFromOutside: Bool {
        switch self {
        case .signalled(let number): [9, 15].contains(number)
        case .exited(let code): [128 + 9, 128 + 15].contains(code)
        }
    }
}
