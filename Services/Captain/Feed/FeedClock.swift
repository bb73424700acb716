// SPDX-License-Identifier: Apache-2.0

package import LegRuntime
import ServiceLifecycle

/// Ticks the feed every half second, so that a second never passes without a word.
package struct FeedClock: Service {
    let feed: LiveFeed
    let clock: any WallClock
    let period: Duration

    /// - Parameter clock: Tells the time that is ticked.
    package init(feed: LiveFeed, clock: any WallClock, period: Duration = .milliseconds(500)) {
        self.feed = feed
        self.clock = clock
        self.period = period
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                feed.tick(at: clock.now())
                do { try await Task.sleep(for: period) } catch is CancellationError { return }
            }
        }
    }
}
