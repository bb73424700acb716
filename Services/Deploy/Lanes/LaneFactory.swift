// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Digest
import NIOPosix

/// Makes what a lane of a release needs: its model file, checked against the manifest's digest.
struct LaneFactory: Sendable {
    let store: any ArtifactStore
    /// Where model files and addresses are put; this instance's own.
    let directory: String
    /// The program of a lane.
    let executable: String
    var environment: [String: String] = [:]
    var startTimeout: Duration = .seconds(20)

    /// - Parameter isTrial: whether the lane is to refuse a model file that names other features than the declared
    ///   ones: what was live before this was checked must not lose its lanes for it.
    /// - Throws: `ArtifactStoreError` when the store lacks the model, or holds something else under its digest.
    func specification(for manifest: ReleaseManifest, isTrial: Bool = false) async throws -> LaneSpecification {
        let digest = manifest.artifact.digest
        let file = "\(directory)/models/\(digest.hex)"
        try await NIOThreadPool.singleton.runIfActive { [store] in
            try store.materialise(digest, at: file)
        }
        return LaneSpecification(
            executable: executable, modelFile: file, modelName: manifest.declaration.model.name,
            modelVersion: manifest.modelVersion, inputName: manifest.declaration.input.name,
            features: isTrial ? manifest.declaration.input.features : nil, directory: directory,
            environment: environment, startTimeout: startTimeout)
    }
}

extension ReleaseManifest {
    /// The version under which a release's lanes serve: the start of the artifact's digest.
    var modelVersion: String { String(artifact.digest.hex.prefix(12)) }
}

extension ReleaseLanes {
    /// The version that clients see.
    var version: String { record.manifest.modelVersion }
}
