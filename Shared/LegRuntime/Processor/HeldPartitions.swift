// SPDX-License-Identifier: Apache-2.0

import Kafka

/// Keeps a processor's records of partitions back for as long as it asks for that, and reads them again afterwards.
struct HeldPartitions {
    /// Held back at some time, and not gone back in since. A pause may outlive a rebalance.
    private var waiting: Set<TopicPartition> = []

    /// Takes out what has to wait, pauses where it comes from, and goes on with what has waited long enough.
    /// - Returns: the records that can be processed.
    mutating func keepBack(
        _ held: Set<TopicPartition>, of records: [ConsumerRecord], _ offsets: OwnedOffsets, _ consumer: GroupConsumer
    ) async -> [ConsumerRecord] {
        guard !held.isEmpty || !waiting.isEmpty else { return records }
        offsets.holdBack(held)
        let fresh = held.subtracting(waiting).filter(offsets.owns)
        waiting.formUnion(fresh)
        // Of a partition that cannot be paused records go on coming, and are dropped here.
        if !fresh.isEmpty { try? await consumer.pause(fresh.sorted()) }
        let processable = records.filter { !held.contains($0.topicPartition) && !waiting.contains($0.topicPartition) }
        let freed = waiting.subtracting(held).filter(offsets.owns)
        if !freed.isEmpty, await goBack(freed, offsets, consumer) { waiting.subtract(freed) }
        return processable
    }

    /// Back to what was not processed: of that, some was read and dropped. What fails is tried at the next poll.
    private func goBack(
        _ freed: Set<TopicPartition>, _ offsets: OwnedOffsets, _ consumer: GroupConsumer
    ) async -> Bool {
        do {
            try await consumer.seek(offsets.starts.filter { freed.contains($0.key) })
            try await consumer.resume(freed.sorted())
            return true
        } catch {
            return false
        }
    }
}
