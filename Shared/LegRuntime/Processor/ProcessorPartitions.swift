// SPDX-License-Identifier: Apache-2.0

import Kafka
import Logging
import Operations
import Synchronization

/// How far the partitions that are ours are. Only we commit their offsets, so they need not be asked for.
final class OwnedOffsets: Sendable {
    private struct Place {
        /// Everything before it is committed; nil when nothing ever was.
        var committed: Int64?
        /// Everything before it is processed: what lies between the two led to nothing that had to be written.
        var settled: Int64?
        var isBehind: Bool { settled != committed }
    }

    private let places = Mutex<[TopicPartition: Place]>([:])
    private let heldBack = Mutex<Set<TopicPartition>>([])

    /// Partitions that stand still on purpose.
    func holdBack(_ partitions: Set<TopicPartition>) { heldBack.withLock { $0 = partitions } }

    func owns(_ partition: TopicPartition) -> Bool { places.withLock { $0[partition] != nil } }

    var isOwner: Bool { places.withLock { !$0.isEmpty } }

    func begin(_ partitions: [TopicPartition], committed: [CommittedOffset]) {
        let known = Dictionary(committed.map { ($0.topicPartition, $0.offset) }) { _, last in last }
        places.withLock { places in
            for partition in partitions {
                places[partition] = Place(committed: known[partition], settled: known[partition])
            }
        }
    }

    func end(_ partitions: [TopicPartition]) {
        places.withLock { places in
            for partition in partitions { places[partition] = nil }
        }
    }

    /// What to commit with a batch: its own offsets, and those that were passed over before. Without records these are
    /// all offsets as they are, so that the transaction is fenced by the group's generation. A partition without an
    /// offset begins at 0, as `earliest` would.
    func after(_ records: [ConsumerRecord]) -> [CommittedOffset] {
        let passed = settled { records.isEmpty || $0.isBehind }
        return Self.sorted(passed.merging(records.lastOffsets.mapValues { $0 + 1 }) { $1 })
    }

    /// What was passed over and is not committed.
    var behind: [CommittedOffset] { Self.sorted(settled(where: \.isBehind)) }

    private func settled(where isWanted: (Place) -> Bool) -> [TopicPartition: Int64] {
        places.withLock { places in places.filter { isWanted($0.value) }.mapValues { $0.settled ?? 0 } }
    }

    private static func sorted(_ offsets: [TopicPartition: Int64]) -> [CommittedOffset] {
        offsets.sorted { $0.key < $1.key }.map { CommittedOffset(topicPartition: $0.key, offset: $0.value) }
    }

    func move(to committed: [CommittedOffset]) {
        places.withLock { places in
            for offset in committed {
                places[offset.topicPartition] = Place(committed: offset.offset, settled: offset.offset)
            }
        }
    }

    /// A batch is processed and led to nothing: its offsets are committed with what comes next.
    func pass(_ records: [ConsumerRecord]) {
        let next = records.lastOffsets
        places.withLock { places in
            for (partition, offset) in next { places[partition]?.settled = offset + 1 }
        }
    }

    /// Whether offsets wait to be committed.
    var isBehind: Bool { places.withLock { $0.values.contains(where: \.isBehind) } }

    /// Whether all partitions have been processed up to these ends, or read without anything to process.
    func haveReached(_ ends: [TopicPartition: Int64], read: [TopicPartition: GroupConsumer.Read]) -> Bool {
        places.withLock { places in
            places.allSatisfy { partition, place in
                max(place.settled ?? 0, read[partition]?.passed ?? 0) >= ends[partition] ?? 0
            }
        }
    }

    /// How far each partition is.
    /// - Parameter read: How far the consumer has read: delivered, and passed.
    func standings(read: [TopicPartition: GroupConsumer.Read]) -> [LagWatch.Standing] {
        let heldBack = heldBack.withLock { $0 }
        return places.withLock { places in
            places.map { partition, place in
                LagWatch.Standing(
                    partition: partition, committed: place.committed ?? 0, read: read[partition],
                    isWaiting: heldBack.contains(partition))
            }
        }
    }

    /// Where reading continues after a transaction that did not happen.
    var starts: [TopicPartition: StartPosition] {
        places.withLock { $0.mapValues { $0.settled.map { .offset($0) } ?? .beginning } }
    }
}

/// Lets the processor restore and forget. No transaction is open: rebalances come from within `poll`.
struct ProcessorRebalances: RebalanceHandler {
    let context: ProcessContext
    let part: String
    let group: String
    let processor: any RecordProcessor
    let offsets: OwnedOffsets

    func assigned(_ partitions: [TopicPartition], committed: [CommittedOffset]) async throws {
        context.readiness.set(false, for: part, reason: "restoring \(partitions.count) partitions")
        try await restore(partitions)
        offsets.begin(partitions, committed: committed)
        context.readiness.set(true, for: part, reason: "member of \(group)")
        context.logger.info(
            "partitions assigned", metadata: ["processor": "\(part)", "partitions": "\(partitions.count)"])
    }

    func revoked(_ partitions: [TopicPartition], lost: Bool) async {
        offsets.end(partitions)
        await processor.revoked(partitions)
        context.logger.info(
            "partitions revoked",
            metadata: ["processor": "\(part)", "partitions": "\(partitions.count)", "lost": "\(lost)"])
    }

    private func restore(_ partitions: [TopicPartition]) async throws {
        var backoff = Backoff(first: .milliseconds(100))
        while true {
            do {
                // A shutdown must not wait for a broker that does not answer.
                return try await abandonable { [processor] in try await processor.assigned(partitions) }
            } catch let error as KafkaError where error.heals {
                context.logger.warning(
                    "restoring fails and is tried again", metadata: ["processor": "\(part)", "error": "\(error)"])
                try await backoff.wait()
            }
        }
    }
}
