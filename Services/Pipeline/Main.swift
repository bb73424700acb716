// SPDX-License-Identifier: Apache-2.0

import Operations
import PipelineService

/// `relay-pipeline`: runs projects' pipelines, in the primary or the fallback group. The fallback does the same work
/// elsewhere, and finds in the shared store what the primary had finished.
@main
enum Main {
    static func main() async {
        await runProcess(service: "pipeline", settings: PipelineAssembly.settings) { context in
            try await PipelineAssembly.assemble(context)
        }
    }
}
