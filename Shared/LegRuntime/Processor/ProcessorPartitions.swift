// SPDX-License-Identifier: Apache-2.0

import Kafka
import Logging
import Operations
import Synchronization

/// The committed offsets of the partitions that are ours. Only we commit them, so they need not be asked for.
final class OwnedOffsets: Sendable {
    private let offsets = Mutex<[TopicPartition: Int64?]>([:])

    var isOwner: Bool { offsets.withLock { !$0.isEmpty } }

    func begin(_ partitions: [TopicPartition], committed: [CommittedOffset]) {
        let known = Dictionary(committed.map { ($0.topicPartition, $0.offset) }) { _, last in last }
        offsets.withLock { offsets in
            for partition in partitions { offsets.updateValue(known[partition], forKey: partition) }
        }
    }

    func end(_ partitions: [TopicPartition]) {
        offsets.withLock { offsets in
            for partition in partitions { offsets.removeValue(forKey: partition) }
        }
    }

    /// What to commit with a batch. Without records these are all offsets as they are, so that the transaction is
    /// fenced by the group's generation. A partition without an offset begins at 0, as `earliest` would.
    func after(_ records: [ConsumerRecord]) -> [CommittedOffset] {
        var next = records.lastOffsets.mapValues { $0 + 1 }
        if records.isEmpty { next = offsets.withLock { $0.mapValues { $0 ?? 0 } } }
        return next.sorted { $0.key < $1.key }.map { CommittedOffset(topicPartition: $0.key, offset: $0.value) }
    }

    func move(to committed: [CommittedOffset]) {
        offsets.withLock { offsets in
            for offset in committed { offsets.updateValue(offset.offset, forKey: offset.topicPartition) }
        }
    }

    /// How far each partition is.
    /// - Parameter read: How far the consumer has read: delivered, and passed.
    func standings(read: [TopicPartition: GroupConsumer.Read]) -> [LagWatch.Standing] {
        offsets.withLock { offsets in
            offsets.map { partition, committed in
                LagWatch.Standing(
                    partition: partition, committed: committed ?? 0, read: read[partition], isWaiting: false)
            }
        }
    }

    /// Where reading continues after a transaction that did not happen.
    var starts: [TopicPartition: StartPosition] {
        offsets.withLock { $0.mapValues { $0.map { .offset($0) } ?? .beginning } }
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
