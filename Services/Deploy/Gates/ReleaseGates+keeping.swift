// SPDX-License-Identifier: Apache-2.0

package import Baton
import NIOPosix
import Reports
import Serving

extension ReleaseGates {
    /// Stores what the gates found.
    /// - Returns: what the baton carries of it.
    /// - Throws: `ArtifactStoreError`.
    package func keep(_ verification: Verification, of attempt: AttemptKey) async throws -> Verification {
        let reports = WholeReports(factory.store)
        return try await NIOThreadPool.singleton.runIfActive { try reports.keep(verification, of: attempt) }
    }
}
