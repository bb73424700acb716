// SPDX-License-Identifier: Apache-2.0

import Baton
package import JudgeRules
import Operations
package import RelayClients

/// One look at a running relay: topics and screen side by side, then the verdict.
package struct JudgeLook: Sendable {
    let access: KafkaAccess
    /// Base URL of a captain; nil: its screen is not watched.
    let captain: String?
    let length: TopicReading.Length
    let strictness: RuleSet.Strictness

    /// Of its parts.
    package init(access: KafkaAccess, captain: String?, length: TopicReading.Length, strictness: RuleSet.Strictness) {
        self.access = access
        self.captain = captain
        self.length = length
        self.strictness = strictness
    }

    /// - Parameter progress: hears how far it is.
    package func run(progress: @escaping @Sendable (TopicReading.Stage) -> Void) async throws -> JudgeReport {
        let judge = RaceJudge(strictness, topics: access.topics)
        let reading = TopicReading(access: access, judge: judge, length: length, show: progress)
        let outcome: TopicReading.Outcome
        if let captain {
            let feed = FeedFollowing(captain: captain, judge: judge)
            try await feed.check()
            outcome = try await both(reading, feed)
        } else {
            outcome = try await reading.run()
        }
        let now = Timestamp.now
        return JudgeReport(
            judge.judgements(at: now, until: outcome.ends), at: now, records: judge.count, settled: outcome.isSettled,
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
