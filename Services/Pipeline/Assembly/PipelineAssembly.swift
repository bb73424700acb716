// SPDX-License-Identifier: Apache-2.0

import LegRuntime
import Logging
package import Operations
import Sandbox

/// The composition root of the pipeline service.
package enum PipelineAssembly {
    /// What the service can be told.
    package static let settings = [RuntimeSettings.exactlyOnce, RuntimeSettings.leg, BuildWork.settings]

    /// Removes what killed processes have left behind, and makes the parts of this one.
    /// - Throws: `ConfigurationError`, `ArtifactStoreError`.
    package static func assemble(_ context: ProcessContext) async throws -> ProcessParts {
        let work = try BuildWork(context.configuration)
        let swept = try await onThreadOfItsOwn { try work.workspaces.sweep() }
        if swept > 0 { context.logger.info("removed abandoned workspaces", metadata: ["count": "\(swept)"]) }
        return ProcessParts(services: [try LegWorker(context: context, work: work, topics: context.topics)])
    }
}
