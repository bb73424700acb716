// SPDX-License-Identifier: Apache-2.0

package import Baton
package import Kafka
package import LegRuntime
package import Logging
package import Operations
import Synchronization

/// The shell around the orchestrator: restores, asks the broker before it believes a silence, and counts.
package final class RaceProcessor: RecordProcessor {
    private let archive: any Archive
    private let topics: Topics
    private let clock: any WallClock
    private let logger: Logger
    private let meters: RaceMeters
    private let traces: Traces
    private let orchestrator: Mutex<Orchestrator>

    /// - Parameters:
    ///   - archive: What is asked before a silence is believed.
    ///   - traces: Where what ended is told as spans.
    package init(
        policy: RacePolicy, archive: any Archive, topics: Topics, clock: any WallClock, logger: Logger,
        metrics: Metrics, traces: Traces = .off
    ) {
        self.traces = traces
        self.archive = archive
        self.topics = topics
        self.clock = clock
        self.logger = logger
        meters = RaceMeters(metrics)
        orchestrator = Mutex(Orchestrator(policy: policy, topics: topics))
        meters.show([:])
    }

    package func assigned(_ partitions: [TopicPartition]) async throws {
        let numbers = partitions.filter { $0.topic == topics.batonEvents }.map(\.partition).sorted()
        let shares = try await archive.restore(numbers)
        let now = clock.now()
        let (unreadable, counts) = orchestrator.withLock { orchestrator in
            for (partition, share) in shares { orchestrator.own(partition, share, now: now) }
            return (orchestrator.unreadable, orchestrator.counts)
        }
        for (baton, reason) in unreadable {
            logger.error(
                "a baton's state cannot be read; its events go to the dead letters",
                metadata: .about(baton, trace: nil).merging(["reason": "\(reason)"]) { $1 })
        }
        meters.show(counts)
        logger.info(
            "partitions restored",
            metadata: ["partitions": "\(numbers)", "running": "\(counts[.running, default: 0])"])
    }

    package func revoked(_ partitions: [TopicPartition]) async {
        let counts = orchestrator.withLock { orchestrator in
            for partition in partitions where partition.topic == topics.batonEvents {
                orchestrator.disown(partition.partition)
            }
            return orchestrator.counts
        }
        meters.show(counts)
    }

    package func process(_ records: [ConsumerRecord], now: Timestamp) async throws -> Outputs {
        let suspects = orchestrator.withLock { orchestrator in
            orchestrator.take(records, now: now)
            return orchestrator.suspects(now: now)
        }
        let ends = suspects.isEmpty ? [:] : await progressEnds(suspects.keys.sorted())
        return orchestrator.withLock { $0.order(suspects, progressEnds: ends, now: now) }
    }

    package func settle(committed: Bool) async {
        let (turns, counts) = orchestrator.withLock { orchestrator in
            (orchestrator.settle(committed: committed), orchestrator.counts)
        }
        guard !turns.isEmpty else { return }
        meters.show(counts)
        for turn in turns {
            for entry in turn.decisions { tell(entry, turn.trace) }
            if traces.isOn { traces.record(turn.spans) }
        }
    }

    /// Silence and deadlines are those of batons that are out.
    package var isTiming: Bool { orchestrator.withLock { $0.hasBatonsOut } }

    private func tell(_ entry: JournalEntry, _ trace: BatonTrace) {
        meters.count(entry)
        let place = Logger.Metadata.about(
            entry.baton, trace: trace.traceID, leg: entry.duty?.leg, attempt: entry.attempt)
        let decision: Logger.Metadata = [
            "action": "\(entry.action.rawValue)", "duty": "\(entry.duty?.rawValue ?? "-")",
            "lane": "\(entry.lane?.rawValue ?? "-")", "reason": "\(entry.reason ?? "-")",
        ]
        logger.info("decided", metadata: place.merging(decision) { $1 })
    }

    private func progressEnds(_ partitions: [Int32]) async -> [Int32: Int64]? {
        do {
            return try await archive.progressEnds(partitions)
        } catch {
            logger.warning(
                "nothing is heard, and the broker does not answer: no runner is given up for that",
                metadata: ["error": "\(error)"])
            return nil
        }
    }
}
