// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import LegRuntime
import Logging
import Operations

/// `relay-pipeline`: runs projects' pipelines, in the primary or the fallback group. The fallback does the same work
/// elsewhere, and finds in the shared store what the primary had finished.
@main
struct PipelineProcess {
    static func main() async {
        await runProcess(
            service: "pipeline", settings: [RuntimeSettings.exactlyOnce, RuntimeSettings.leg, BuildWork.settings]
        ) { context in
            let work = try BuildWork(context.configuration)
            let swept = try await BlockingWork.run { try work.workspaces.sweep() }
            if swept > 0 { context.logger.info("removed abandoned workspaces", metadata: ["count": "\(swept)"]) }
            return ProcessParts(services: [try LegWorker(context: context, work: work, topics: context.topics)])
        }
    }
}
