// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import ChildProcess
import Digest
import Foundation

/// Runs single stages of one project, or finds that there is nothing to run.
struct StageRunner: Sendable {
    /// What came of a stage.
    struct Outcome: Sendable {
        let entry: LockFile.Entry
        let result: ReleaseManifest.Stage.Result
        let cpu: Duration
        let key: StageKey
    }

    let project: String
    let workspace: Workspace
    let store: any ArtifactStore
    /// The directory of the stages' logs.
    let logs: String
    let interpreters: Interpreters
    let meter: UsageMeter

    /// - Parameter made: the outputs of the stages before, by path, as they were hashed.
    func run(_ stage: StageDefinition, after made: [String: HashedPath]) async throws -> Outcome {
        let dependencies = try await BlockingWork.run { try hash(stage.dependencies, of: stage, as: made) }
        let parameters = try await BlockingWork.run { try stage.parameterValues(in: project) }
        let environment = try await interpreters.describe(stage.commands)
        let key = StageKey(stage, inputs: dependencies, parameters: parameters, environment: environment)
        func outcome(
            _ outputs: [String: HashedPath], _ result: ReleaseManifest.Stage.Result, _ cpu: Duration
        ) -> Outcome {
            let entry = LockFile.Entry(
                stage: stage, dependencies: dependencies, parameters: parameters, outputs: outputs)
            return Outcome(entry: entry, result: result, cpu: cpu, key: key)
        }
        try await BlockingWork.run { try removeOutputs(of: stage) }
        if !stage.isAlwaysChanged, let known = try await BlockingWork.run({ try restore(key) }) {
            return outcome(known.outputs, .unchanged, .zero)
        }
        let cpu = try await execute(stage)
        let outputs = try await BlockingWork.run { try keepOutputs(of: stage, dependencies: dependencies, key: key) }
        return outcome(outputs, .ran, cpu)
    }

    private func restore(_ key: StageKey) throws -> StageRecord? {
        guard let record = try StageRecord.find(key, in: store) else { return nil }
        try record.materialise(in: project, from: store)
        return record
    }

    private func removeOutputs(of stage: StageDefinition) throws {
        for output in stage.outputs {
            let path = "\(project)/\(output.inProject)"
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        }
    }

    /// Hashes what a stage reads, which must still be what the stages before have written.
    private func hash(
        _ paths: [StageDefinition.Path], of stage: StageDefinition, as made: [String: HashedPath]
    ) throws -> [String: HashedPath] {
        var hashed: [String: HashedPath] = [:]
        for path in paths {
            let found = try HashedPath(
                path: "\(project)/\(path.inProject)", name: "\(path.written), which stage \(stage.name) depends on,")
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
        let log = try await BlockingWork.run { try StageLog(stage: stage.name, in: logs) }
        let directory = stage.directory.isEmpty ? project : "\(project)/\(stage.directory)"
        var cpu = Duration.zero
        for command in stage.commands {
            try await BlockingWork.run { try log.append("$ \(command)") }
            let report = try await ChildProcess.run(
                Command(
                    executable: "/bin/sh", arguments: ["-c", command],
                    environment: StageEnvironment.of(stage.name, project: project, workspace: workspace),
                    workingDirectory: directory, output: .appending(toFile: log.path)))
            cpu += report.cpu
            meter.add(cpu: report.cpu)
            try Task.checkCancellation()
            guard !report.succeeded else { continue }
            // A signal comes from outside, from a kernel short of memory for example; an exit code is the command's.
            let wasKilled = if case .signalled = report.status { true } else { false }
            let tail = await (try? BlockingWork.run { log.tail() }) ?? ""
            throw BuildFailure(
                "stage \(stage.name) failed with \(report.status): `\(command)`; its log is \(log.path) and "
                    + "ends with:\n\(tail)", isRetryable: wasKilled)
        }
        return cpu
    }

    private func keepOutputs(
        of stage: StageDefinition, dependencies: [String: HashedPath], key: StageKey
    ) throws -> [String: HashedPath] {
        let missing = stage.outputs.filter { FileKind.of("\(project)/\($0.inProject)") == nil }
        guard missing.isEmpty else {
            throw Refusal(
                missing.map { "stage \(stage.name) did not write its output \($0.inProject)" }
                    + ["the log of stage \(stage.name) is in \(logs)"])
        }
        // A stage that writes to its own inputs would find others the next time.
        for (path, before) in dependencies {
            let after = try HashedPath(path: "\(project)/\(path)", name: path)
            guard after.digest == before.digest else {
                throw Refusal("stage \(stage.name) changed \(path), which it depends on")
            }
        }
        var outputs: [String: HashedPath] = [:]
        for output in stage.outputs {
            let path = "\(project)/\(output.inProject)"
            let hashed = try HashedPath(path: path, name: output.inProject)
            meter.add(storedBytes: try hashed.store(from: path, name: output.inProject, in: store))
            outputs[output.inProject] = hashed
        }
        if !stage.isAlwaysChanged { try StageRecord(outputs: outputs).save(key, in: store) }
        return outputs
    }
}
