// SPDX-License-Identifier: Apache-2.0

import Baton
import LegRuntime
import ServiceLifecycle

/// Ticks the feed every half second, so that a second never passes without a word.
struct FeedClock: Service {
    let feed: LiveFeed
    let clock: any WallClock
    var period: Duration = .milliseconds(500)

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                feed.tick(at: clock.now())
                do { try await Task.sleep(for: period) } catch is CancellationError { return }
            }
        }
    }
}

/// Asks Kafka every second whether it is there, so that the screen can say since when it is not.
struct KafkaPulse: Service {
    let feed: LiveFeed
    let archive: any Archive
    let clock: any WallClock
    var period: Duration = .seconds(1)

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    // A shutdown must not wait for a broker that does not answer.
                    _ = try await abandonable { [archive] in try await archive.progressEnds([0]) }
                    feed.kafkaAnswered(at: clock.now())
                } catch {
                    // Silence is the message: the time of the last answer grows old on every screen.
                }
                do { try await Task.sleep(for: period) } catch is CancellationError { return }
            }
        }
    }
}
