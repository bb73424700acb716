// SPDX-License-Identifier: Apache-2.0

package import DeployRollout
import Operations
import Serving

/// Decides when a router accepts connections from a socket that it shares with another router: once it serves what was
/// live at its start, and not while one of its releases has no lane. Meanwhile the other router takes the connections.
package struct RouterGate: Sendable {
    /// How long it holds back without a lane. Then it accepts and answers 503 with the reason: perhaps there is no
    /// other router, and then clients would wait for ever.
    package static let patience: Duration = .seconds(3)

    let releases: ServedReleases
    let patience: Duration

    /// The gate of a router of these releases.
    package init(releases: ServedReleases, patience: Duration = Self.patience) {
        (self.releases, self.patience) = (releases, patience)
    }

    /// Says when to accept, until it is cancelled.
    package func run(_ accepts: @escaping @Sendable (Bool) -> Void) async {
        let view = releases.view
        do {
            try await view.first { $0.isReady ? () : nil }
            accepts(true)
            while true {
                try await view.first { $0.lacksLanes ? () : nil }
                accepts(false)
                _ = try await within(patience) { try await view.first { $0.lacksLanes ? nil : () } }
                accepts(true)
                try await view.first { $0.lacksLanes ? nil : () }
            }
        } catch {
            // Cancelled: the server has stopped.
            return
        }
    }
}
