// SPDX-License-Identifier: Apache-2.0

package import ArtifactStore
package import Baton
import Digest
import NIOPosix

/// Makes what a lane of a release needs: its model file, checked against the manifest's digest.
package struct LaneFactory: Sendable {
    /// Where model files come from.
    package let store: any ArtifactStore
    let directory: String
    let executable: String
    let environment: [String: String]
    let startTimeout: Duration

    /// - Parameters:
    ///   - directory: where model files and addresses are put; this instance's own.
    ///   - executable: the program of a lane.
    ///   - environment: the variables of its process; nothing else is inherited.
    ///   - startTimeout: how long a lane may take to become ready.
    package init(
        store: any ArtifactStore, directory: String, executable: String, environment: [String: String] = [:],
        startTimeout: Duration = .seconds(20)
    ) {
        (self.store, self.directory, self.executable) = (store, directory, executable)
        (self.environment, self.startTimeout) = (environment, startTimeout)
    }

    /// What a lane of a release is to serve, with its model file put in place.
    /// - Parameter isTrial: whether the lane is to refuse a model file that names other features than the declared
    ///   ones: what was live before this was checked must not lose its lanes for it.
    /// - Throws: `ArtifactStoreError` when the store lacks the model, or holds something else under its digest.
    package func specification(for manifest: ReleaseManifest, isTrial: Bool = false) async throws -> LaneSpecification {
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
    package var modelVersion: String { String(artifact.digest.hex.prefix(12)) }
}

extension ReleaseLanes {
    /// The version that clients see.
    package var version: String { record.manifest.modelVersion }
}
