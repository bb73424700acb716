// SPDX-License-Identifier: Apache-2.0

import ServiceLifecycle
import Serving

/// How a router goes: it says that it is not ready, answers on for a while, so that what is in front of it sends
/// elsewhere, and only then lets its server stop.
///
/// Started behind the server, so that the server is stopped when this has ended.
package struct RouterDrain: Service {
    /// How long it answers on once the process shuts down.
    let duration: Duration
    private let began = Watched<ContinuousClock.Instant?>(nil)

    /// A drain that has not begun.
    package init(duration: Duration) {
        self.duration = duration
    }

    /// Whether whoever asks should ask another router.
    var isUnderWay: Bool { began.value != nil }

    /// A service that begins the drain as soon as the process shuts down. It is stopped first; so what is stopped
    /// between it and the router takes its time while the drain runs, not before.
    package var beginning: Beginning { Beginning(drain: self) }

    /// The first that hears of a shutdown.
    package struct Beginning: Service {
        let drain: RouterDrain

        /// Waits for the shutdown.
        package func run() async throws {
            try await gracefulShutdown()
            drain.begin()
        }
    }

    /// The moment from which this router is to be avoided; only the first call counts.
    package func begin() { began.update { $0 = $0 ?? .now } }

    /// Ends when the process shuts down and the drain is over.
    package func run() async throws {
        try await gracefulShutdown()
        begin()
        try await Task.sleep(until: (began.value ?? .now) + duration)
    }

    /// What is left of a limit that began with the drain, but not less than `least`.
    func remaining(of limit: Duration, atLeast least: Duration) -> Duration {
        max(least, (began.value ?? .now) + limit - .now)
    }
}
