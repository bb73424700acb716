// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka

/// One look at a running relay: topics and screen side by side, then the verdict.
struct JudgeLook: Sendable {
    let access: KafkaAccess
    /// Base URL of a captain; nil: its screen is not watched.
    let captain: String?
    let length: TopicReading.Length
    let measure: Judge.Measure
    let isQuiet: Bool

    func run() async throws -> JudgeReport {
        let bench = Bench(measure, topics: access.topics)
        let bar = ProgressBar(terminal: Terminal(), isQuiet: isQuiet)
        let reading = TopicReading(access: access, bench: bench, length: length) { bar.show($0.line) }
        defer { bar.clear() }
        let outcome: TopicReading.Outcome
        if let captain {
            let feed = FeedFollowing(captain: captain, bench: bench)
            try await feed.check()
            outcome = try await both(reading, feed)
        } else {
            outcome = try await reading.run()
        }
        let now = Timestamp.now
        return JudgeReport(
            bench.judgements(at: now, until: outcome.ends), at: now, records: bench.count, settled: outcome.isSettled,
            topics: access.topics)
    }

    /// Watches the feed for as long as topics are read.
    private func both(_ reading: TopicReading, _ feed: FeedFollowing) async throws -> TopicReading.Outcome {
        try await withThrowingTaskGroup(of: TopicReading.Outcome?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await reading.run() }
            group.addTask {
                try await feed.run()
                return nil
            }
            while let outcome = try await group.next() {
                if let outcome { return outcome }
            }
            throw CancellationError()
        }
    }
}
