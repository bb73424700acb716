// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import LegRuntime
import Operations
import Reports
import Watching

/// Fetches a release's reference sample from the store.
struct ReferenceFile: Sendable {
    let store: any ArtifactStore

    /// Reads and checks the sample that a manifest names.
    /// - Throws: `WorkFailure`: what is missing may still come, what is wrong stays wrong.
    func sample(of manifest: ReleaseManifest) async throws -> ReferenceSample {
        let declaration = manifest.declaration
        let path = declaration.watch.reference
        do {
            let text = try await onThreadOfItsOwn { [store] in
                let output = try WholeReports(store).output(path, of: manifest)
                return String(decoding: try store.contents(of: output.digest), as: UTF8.self)
            }
            return try ReferenceSample(csv: text, features: declaration.input.features)
        } catch let refusal as Refusal {
            throw WorkFailure(reason: "\(path): \(refusal)", retryable: false)
        } catch ArtifactStoreError.missing(let digest) {
            throw WorkFailure(
                reason: "the store does not have \(path) (\(digest)): see that monitor shares the pipeline's store "
                    + "(RELAY_STORE_DIRECTORY)",
                retryable: true)
        } catch let error as ArtifactStoreError {
            throw WorkFailure(reason: "\(path): \(error)", retryable: !Self.isDamaged(error))
        }
    }

    private static func isDamaged(_ error: ArtifactStoreError) -> Bool {
        if case .corrupt = error { return true }
        return false
    }
}
