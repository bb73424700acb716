// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import LegRuntime
import Operations

await runProcess(
    service: "monitor", settings: [RuntimeSettings.exactlyOnce, RuntimeSettings.leg]
) { context in
    let board = try SignalBoard(context)
    let work = WatchWork(
        process: context, store: try LocalArtifactStore(directory: context.configuration.storeDirectory),
        board: board, clock: SystemClock())
    // The board comes first, so that it stops last.
    return ProcessParts(services: [board, try LegWorker(context: context, work: work, topics: context.topics)])
}
