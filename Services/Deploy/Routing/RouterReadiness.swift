// SPDX-License-Identifier: Apache-2.0

import LegRuntime
import Operations
import ServiceLifecycle

/// Says that the process is ready once its router serves what was live when it started: who replaces routers one after
/// the other waits for that.
struct RouterReadiness: Service {
    static let part = "router"

    let switchboard: Switchboard
    let readiness: Readiness

    init(switchboard: Switchboard, readiness: Readiness) {
        self.switchboard = switchboard
        self.readiness = readiness
        readiness.set(false, for: Self.part, reason: "the live releases are not served yet")
    }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { [view = switchboard.view] in
                try await view.first { $0.isReady ? () : nil }
            }
        } catch is CancellationError where Task.isShuttingDownGracefully {
            return
        }
        readiness.set(true, for: Self.part, reason: "serves what was live when it started")
        try await gracefulShutdown()
    }
}
