// SPDX-License-Identifier: Apache-2.0

import Kafka

/// Notices a reader that is alive and stuck: there is something to read, its place does not move, and its heartbeats
/// go on, so that nobody else takes over. Pure: told how far things are, it says what that means.
struct LagWatch: Sendable {
    /// How far a partition is.
    struct Standing: Sendable, Equatable {
        let partition: TopicPartition
        /// Everything before it is committed.
        let committed: Int64
        /// How far it was read; nil before anything was.
        let read: GroupConsumer.Read?
        /// It stands still on purpose: work of it is going on, or it is held back.
        let isWaiting: Bool

        /// Everything before it is done. Behind the last record only markers may follow, which nobody commits:
        /// when all that was delivered is committed, what was passed counts too.
        var settled: Int64 {
            guard let read, committed >= read.delivered else { return committed }
            return max(committed, read.passed)
        }
    }

    /// A partition that does not move.
    struct Stall: Sendable, Equatable {
        let partition: TopicPartition
        /// Offsets between its place and the end.
        let lag: Int64
        /// For how long.
        let duration: Duration
    }

    enum Verdict: Sendable, Equatable {
        case moving
        /// Longer than the first bound.
        case stalled(Stall)
        /// Longer than the second one.
        case lost(Stall)
    }

    private struct Entry {
        var standing: Standing
        var still = Duration.zero
    }

    let settings: StallSettings
    private var entries: [TopicPartition: Entry] = [:]

    init(_ settings: StallSettings) {
        self.settings = settings
    }

    /// Offsets that wait, by topic, as of the last observation.
    private(set) var lag: [String: Int64] = [:]

    /// Looks at all partitions that are owned now.
    /// - Parameters:
    ///   - ends: Where the partitions end for readers of committed records; one that is not known is not judged.
    ///   - elapsed: Since the last observation. A process that was frozen has not seen what went on meanwhile, so no
    ///     more than two intervals of it count.
    mutating func observe(
        _ standings: [Standing], ends: [TopicPartition: Int64], after elapsed: Duration
    ) -> Verdict {
        let counted = min(elapsed, settings.interval * 2)
        var next: [TopicPartition: Entry] = [:]
        lag = [:]
        for standing in standings {
            let waits = ends[standing.partition].map { max(0, $0 - standing.settled) } ?? 0
            lag[standing.partition.topic, default: 0] += waits
            var entry = Entry(standing: standing)
            if waits > 0, !standing.isWaiting, let before = entries[standing.partition],
                before.standing.committed == standing.committed, before.standing.settled == standing.settled
            {
                entry.still = before.still + counted
            }
            next[standing.partition] = entry
        }
        entries = next
        guard let worst = next.values.max(by: { $0.still < $1.still }), worst.still >= settings.after else {
            return .moving
        }
        let stall = Stall(
            partition: worst.standing.partition,
            lag: max(0, (ends[worst.standing.partition] ?? 0) - worst.standing.settled), duration: worst.still)
        return worst.still >= settings.limit ? .lost(stall) : .stalled(stall)
    }
}
