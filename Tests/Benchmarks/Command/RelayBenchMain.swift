// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import LegRuntime
import Operations

/// The command line; or, when its environment names a leg, a service of that leg whose work is nothing.
@main
enum RelayBenchMain {
    static let legVariable = "BENCH_LEG"
    static let holdVariable = "BENCH_HOLDS_BUILDS"

    static func main() async {
        let environment = ProcessInfo.processInfo.environment
        guard let leg = environment[legVariable].flatMap(Leg.init(rawValue:)) else { return await RelayBench.main() }
        let work = NoWork(leg: leg, holdsBuilds: environment[holdVariable] != nil)
        await runProcess(
            service: leg.rawValue, settings: [RuntimeSettings.exactlyOnce, RuntimeSettings.leg]
        ) { context in
            ProcessParts(services: [try LegWorker(context: context, work: work, topics: context.topics)])
        }
    }
}
