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

    /// - Throws: `ArtifactStoreError` when the store lacks the model, or holds something else under its digest.
    func specification(for manifest: ReleaseManifest) async throws -> LaneSpecification {
        let digest = manifest.artifact.digest
        let file = "\(directory)/models/\(digest.hex)"
        try await NIOThreadPool.singleton.runIfActive { [store] in
            try store.materialise(digest, at: file)
        }
        return LaneSpecification(
            executable: executable, modelFile: file, modelName: manifest.declaration.model.name,
            modelVersion: manifest.modelVersion, directory: directory, environment: environment,
            startTimeout: startTimeout)
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
