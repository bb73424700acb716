// SPDX-License-Identifier: Apache-2.0

/// Names a partition.
struct TopicPartition: Hashable, Comparable, Sendable {
    var topic: String
    var partition: Int32

    static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

extension [TopicPartitions] {
    /// Collects partitions by topic, both in order.
    init(_ partitions: some Sequence<TopicPartition>) {
        self = []
        for partition in partitions.sorted() {
            if last?.name != partition.topic { append(TopicPartitions(name: partition.topic)) }
            self[count - 1].partitions.append(partition.partition)
        }
    }

    var flattened: [TopicPartition] {
        flatMap { topic in topic.partitions.map { TopicPartition(topic: topic.name, partition: $0) } }
    }
}
