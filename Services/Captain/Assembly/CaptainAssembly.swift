// SPDX-License-Identifier: Apache-2.0

import Baton
import CaptainFeed
import CaptainIntake
import CaptainRace
import CaptainView
import CaptainWeb
import Kafka
import LegRuntime
package import Operations
import ServiceLifecycle

/// What a captain is made of.
package enum CaptainAssembly {
    /// What it reads besides what every process reads.
    package static let settings = [RuntimeSettings.exactlyOnce, RacePolicy.settings]

    /// Connects nothing yet: every part finds its own way to Kafka and says in `/health/ready` whether it has.
    package static func assemble(_ context: ProcessContext) throws -> ProcessParts {
        let clock = SystemClock()
        let topics = context.topics
        let archive = try KafkaArchive(context.kafka, topics: topics, logger: context.logger)
        let meters = IntakeMeters(context.metrics)
        let intake = IntakeWriter(producer: try KafkaProducer(context.kafka, logger: context.logger))
        let feed = LiveFeed(startedAt: clock.now(), sources: RaceFollowers.sources, metrics: context.metrics)
        let race = RaceProcessor(
            policy: try RacePolicy(context.configuration), archive: archive, topics: topics, clock: clock,
            logger: context.logger, metrics: context.metrics, traces: context.traces)
        let services: [any Service] =
            [
                intake,
                try TransactionalProcessor(
                    context: context, name: "race", topics: [topics.batonEvents, topics.progress],
                    group: topics.captainGroup, tick: .milliseconds(100), processor: race, clock: clock),
                try TransactionalProcessor(
                    context: context, name: "intake", topics: [topics.inbox], group: topics.captainGroup + ".intake",
                    tick: nil, processor: InboxProcessor(topics: topics, logger: context.logger, meters: meters),
                    clock: clock),
                FeedClock(feed: feed, clock: clock),
                KafkaPulse(feed: feed, clock: clock) { _ = try await archive.progressEnds([0]) },
            ] + RaceFollowers.make(context, feed: feed, clock: clock)
        let remembered = RaceView().limit
        let intakeRoutes = IntakeRoutes(
            topics: topics, write: intake.write, known: feed.state(of:), now: clock.now, meters: meters,
            remembered: remembered)
        let viewRoutes = ViewRoutes(feed: feed, clock: clock, remembered: remembered)
        let screen = ScreenFiles()
        return ProcessParts(services: services) { router in
            intakeRoutes.add(to: router)
            viewRoutes.add(to: router)
            screen.add(to: router)
        }
    }
}
