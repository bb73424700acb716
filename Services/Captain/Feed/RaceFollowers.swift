// SPDX-License-Identifier: Apache-2.0

import Baton
package import LegRuntime
package import Operations
package import ServiceLifecycle

/// Reads the topics that the view is made of. Every captain reads all of them, whatever partitions it decides about.
package enum RaceFollowers {
    private static let past = "past"
    private static let present = "present"
    /// Their names; each says when it has been read to its end.
    package static let sources: Set<String> = [past, present]

    /// One follower a source.
    package static func make(_ context: ProcessContext, feed: LiveFeed, clock: any WallClock) -> [any Service] {
        let topics = context.topics
        let reader = FactReader(topics: topics, logger: context.logger)
        return [
            // States, decisions and costs matter from the first; reports and traffic only as they come.
            (past, [topics.batons, topics.journal, topics.signals], TopicFollower.Start.beginning),
            (present, [topics.progress, topics.predictions], .end),
        ].map { source, topics, start in
            TopicFollower(
                context: context, topics: topics, from: start,
                each: { records in feed.take(reader.facts(records), at: clock.now()) },
                caughtUp: { feed.caughtUp(source, at: clock.now()) })
        }
    }
}
