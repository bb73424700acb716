// SPDX-License-Identifier: Apache-2.0

package import DeployRollout
import LegRuntime
package import Operations
import ServiceLifecycle
import Serving

/// Says that the process is ready once its router serves what was live when it started: who replaces routers one after
/// the other waits for that.
package struct RouterReadiness: Service {
    static let part = "router"

    let releases: ServedReleases
    let readiness: Readiness

    /// Says that the process is not ready yet.
    package init(releases: ServedReleases, readiness: Readiness) {
        self.releases = releases
        self.readiness = readiness
        readiness.set(false, for: Self.part, reason: "the live releases are not served yet")
    }

    /// Waits until it is.
    package func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { [view = releases.view] in
                try await view.first { $0.isReady ? () : nil }
            }
        } catch is CancellationError where Task.isShuttingDownGracefully {
            return
        }
        readiness.set(true, for: Self.part, reason: "serves what was live when it started")
        try await gracefulShutdown()
    }
}
