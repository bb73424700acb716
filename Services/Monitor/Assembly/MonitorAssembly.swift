// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import LegRuntime
package import Operations

/// Puts the process together.
package enum MonitorAssembly {
    /// What it reads besides what every process reads.
    package static let settings = [RuntimeSettings.exactlyOnce, RuntimeSettings.leg]

    /// The parts of the process.
    /// - Throws: what keeps it from starting.
    package static func assemble(_ context: ProcessContext) throws -> ProcessParts {
        let board = try SignalBoard(context)
        let work = WatchWork(
            process: context, store: try LocalArtifactStore(directory: context.configuration.storeDirectory),
            board: board, clock: SystemClock())
        // The board comes first, so that it stops last.
        return ProcessParts(services: [board, try LegWorker(context: context, work: work, topics: context.topics)])
    }
}
