// SPDX-License-Identifier: Apache-2.0

import Baton
import JudgeRules
import Kafka
import Operations
import RelayClients

/// Reads the topics of a running relay from outside: committed records only, without a group, without a trace.
///
/// Partitions are not read at one moment, so the ends are asked for twice. What stands before the first ends is
/// judged. What was written together with it (in the same transaction) stands before the second ends, which are asked
/// for afterwards and where the partitions end for everybody, open transactions included; so it is waited for.
package struct TopicReading: Sendable {
    /// How long is looked.
    package enum Length: Sendable, Equatable {
        /// To where the topics end now.
        case once
        case watch(Duration)
        /// Until all batons have ended, nothing is still to follow and the topics are quiet, but no longer than this.
        case untilSettled(Duration)
    }

    /// How far was read.
    package struct Outcome: Sendable {
        /// How far each partition counts.
        var ends: [TopicPartition: Int64]
        /// nil unless that was waited for.
        var isSettled: Bool?
    }

    /// What is done at the moment, for whoever waits.
    package enum Stage: Sendable {
        case past(read: Int64, of: Int64)
        case present(for: Duration, of: Duration)
        case rest
    }

    /// The race is quiet when nothing came of it for this long. What serving consumes and answers goes on for ever.
    static let quiet = Duration.seconds(2)
    /// A transaction that is open longer than the services let theirs be is somebody's who hangs.
    static let restLimit = Duration.seconds(90)

    let access: KafkaAccess
    let judge: RaceJudge
    let length: Length
    let show: @Sendable (Stage) -> Void

    /// Reads for as long as was asked for.
    package func run() async throws -> Outcome {
        let partitions = try await partitions()
        return try await access.kafka.withPartitionReader(logger: access.logger) { reader in
            try await access.kafka.withPartitionReader(logger: access.logger, isolationLevel: .readUncommitted) {
                try await read(partitions, reader, $0)
            }
        }
    }

    private func partitions() async throws -> [TopicPartition] {
        let found = try await access.kafka.withAdmin(logger: access.logger) { admin in
            try await access.announcingWait { try await admin.topics() }
        }
        let wanted = Set(Channel.allCases.map { $0.name(access.topics) })
        let topics = found.filter { wanted.contains($0.name) && !$0.partitions.isEmpty }
        let missing = wanted.subtracting(topics.map(\.name)).sorted()
        guard missing.isEmpty else {
            throw RelayFailure(
                "this Kafka has no topic \(missing.joined(separator: ", "))",
                remedy: "name the Kafka that the relay uses with --bootstrap-servers, and its RELAY_TOPIC_PREFIX")
        }
        return topics.flatMap(\.topicPartitions)
    }

    private func read(
        _ partitions: [TopicPartition], _ reader: PartitionReader, _ asker: PartitionReader
    ) async throws -> Outcome {
        let beginnings = try await asker.beginningOffsets(partitions)
        let ends = try await asker.endOffsets(partitions)
        for (partition, offset) in beginnings where offset > 0 { judge.forgotten(partition, before: offset) }
        try await reader.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) }))
        let total = ends.reduce(0) { $0 + $1.value - (beginnings[$1.key] ?? 0) }
        var read: Int64 = 0
        var reached = ends
        func take(_ records: [ConsumerRecord]) {
            judge.take(records, at: .now)
            for record in records {
                reached[record.topicPartition] = max(reached[record.topicPartition] ?? 0, record.offset + 1)
            }
            read += Int64(records.count)
        }
        try await reader.read(until: filled(ends, beginnings)) { records in
            take(records)
            show(.past(read: min(read, total), of: total))
        }
        judge.take(Sight(at: .now, what: .following))
        let isSettled = try await follow(reader, take)
        let judged = reached
        show(.rest)
        let rest = filled(try await asker.endOffsets(partitions), beginnings)
        try await limited { [judge] in try await reader.read(until: rest) { judge.take($0, at: .now) } }
        return Outcome(ends: judged, isSettled: isSettled)
    }

    /// An empty partition is at its end without a fetch that would only wait.
    private func filled(
        _ ends: [TopicPartition: Int64], _ beginnings: [TopicPartition: Int64]
    ) -> [TopicPartition: Int64] {
        ends.filter { $0.value > beginnings[$0.key] ?? 0 }
    }

    /// Reads on for as long as it is wanted.
    /// - Returns: whether the relay has settled; nil when that was not asked.
    private func follow(_ reader: PartitionReader, _ take: ([ConsumerRecord]) -> Void) async throws -> Bool? {
        let (limit, waits): (Duration, Bool) =
            switch length {
            case .once: (.zero, false)
            case .watch(let limit): (limit, false)
            case .untilSettled(let limit): (limit, true)
            }
        let start = ContinuousClock.now
        var heard = start
        while ContinuousClock.now - start < limit {
            let records = try await reader.poll(maximum: 1000, timeout: .milliseconds(500))
            take(records)
            if records.contains(where: { judge.isOfRace($0) }) { heard = .now }
            show(.present(for: .now - start, of: limit))
            if waits, ContinuousClock.now - heard >= Self.quiet, judge.isSettled(at: .now) { return true }
        }
        return waits ? judge.isSettled(at: .now) : nil
    }

    private func limited(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let ended: Void? = try await within(Self.restLimit, body)
        guard ended != nil else {
            throw RelayFailure(
                "the topics could not be read to their ends within \(Self.restLimit.seconds) s",
                remedy: "see whether a producer keeps a transaction open, and the broker's log")
        }
    }
}
