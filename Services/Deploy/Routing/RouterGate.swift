// SPDX-License-Identifier: Apache-2.0

package import DeployRollout
import Operations
import Serving

/// When a router accepts connections from a socket that another router accepts from as well: once it serves what was
/// live at its start, and not while a release of it has no lane, so that those who have one take the connections.
package struct RouterGate: Sendable {
    /// After which it accepts without a lane: nobody else may be there, and a reason is better than silence.
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
