// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import ConfinedFiles
import DVC
import RelayFile
import Sandbox

/// What the stages of a run have written, and the manifest of it. Everything is hashed again first: nothing may have
/// changed since.
struct FinishedRun {
    let plan: Plan
    let outcomes: [StageRunner.Outcome]
    let project: ConfinedDirectory
    let store: any ArtifactStore
    let meter: BuildMeter

    /// - Throws: `Refusal` or `ArtifactStoreError` when an output was changed, or what `relay.yaml` names is not there.
    func manifest(commit: String?) throws -> ReleaseManifest {
        try checkUnchanged()
        let outputs = try self.outputs()
        guard let artifact = outputs.first(where: { $0.path == plan.declaration.model.artifact }) else {
            throw Refusal("relay.yaml: model.artifact: no stage wrote \(plan.declaration.model.artifact)")
        }
        let lock = LockFile.write(outcomes.map(\.entry))
        try project.write("dvc.lock", lock.utf8)
        let storedLock = try store.put(bytes: Array(lock.utf8))
        if storedLock.isNew { meter.add(storedBytes: storedLock.bytes) }
        return ReleaseManifest(
            declaration: plan.declaration, artifact: artifact, outputs: outputs, metrics: try metrics(),
            stages: outcomes.map {
                ReleaseManifest.Stage(
                    name: $0.entry.stage.name, result: $0.result, cpuSeconds: $0.cpu.seconds, key: $0.key.digest)
            },
            source: plan.source, commit: commit, lock: storedLock.digest)
    }

    /// Hashes every output again, in the project and in the store.
    private func checkUnchanged() throws {
        for outcome in outcomes {
            for (path, before) in outcome.entry.outputs {
                let now = try HashedPath(path, in: project, name: path, isOutput: true)
                guard now.digest == before.digest else {
                    throw Refusal(
                        "\(path) was changed after stage \(outcome.entry.stage.name) had written it and it was hashed: "
                            + "it was \(before.digest), it is \(now.digest); only that stage may write it")
                }
                for digest in Set(before.stored) { try store.verify(digest) }
            }
        }
    }

    /// Every output, and every file inside one that `relay.yaml` names, by path.
    private func outputs() throws -> [ReleaseManifest.Output] {
        let hashed = outcomes.flatMap(\.entry.outputs)
        var outputs = hashed.map {
            ReleaseManifest.Output(path: $0.key, digest: $0.value.digest, bytes: Int64($0.value.bytes))
        }
        for named in plan.declaration.namedOutputs where !outputs.contains(where: { $0.path == named.path }) {
            let file = hashed.lazy.compactMap { path, hash -> HashedPath.File? in
                guard named.path.hasPrefix(path + "/") else { return nil }
                return hash.files?.first { "\(path)/\($0.path)" == named.path }
            }.first
            guard let file else { throw Refusal("relay.yaml: \(named.key): no stage wrote \(named.path)") }
            outputs.append(.init(path: named.path, digest: file.digest, bytes: Int64(file.bytes)))
        }
        return outputs.sorted { $0.path < $1.path }
    }

    private func metrics() throws -> [String: Double] {
        let path = plan.declaration.gates.metrics
        let bytes = try project.contents(path)
        guard case .object(let members) = try? JSONValue.parse(bytes) else {
            throw Refusal("\(path), which relay.yaml names in gates.metrics.file, is not a JSON object")
        }
        var numbers: [String: Double] = [:]
        func collect(_ members: [String: JSONValue], _ prefix: String) {
            for (name, value) in members {
                switch value {
                case .number(let number): numbers[prefix + name] = number.double
                case .object(let inner): collect(inner, "\(prefix)\(name).")
                default: break
                }
            }
        }
        collect(members, "")
        return numbers
    }
}
