// SPDX-License-Identifier: Apache-2.0

import Baton
package import LegRuntime
import ServiceLifecycle

/// Asks Kafka every second whether it is there, so that the screen can say since when it is not.
package struct KafkaPulse: Service {
    let feed: LiveFeed
    /// Returns when Kafka has answered.
    let ask: @Sendable () async throws -> Void
    let clock: any WallClock
    let period: Duration

    /// - Parameter ask: Returns when Kafka has answered, throws when it does not.
    package init(
        feed: LiveFeed, clock: any WallClock, period: Duration = .seconds(1),
        ask: @escaping @Sendable () async throws -> Void
    ) {
        self.feed = feed
        self.ask = ask
        self.clock = clock
        self.period = period
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    // A shutdown must not wait for a broker that does not answer.
                    try await abandonable { [ask] in try await ask() }
                    feed.kafkaAnswered(at: clock.now())
                } catch {
                    // Silence is the message: the time of the last answer grows old on every screen.
                }
                do { try await Task.sleep(for: period) } catch is CancellationError { return }
            }
        }
    }
}
