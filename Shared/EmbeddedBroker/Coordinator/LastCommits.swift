// SPDX-License-Identifier: Apache-2.0

/// Where the transaction began that each producer last committed in each partition.
///
/// Markers and the record that they are written are synced apart, so a loss of power may keep the record and take a
/// marker. What is then open in the partition, since this offset, is committed. One place is enough for a producer and
/// a partition: a commit is decided when all that lies before is durable there, earlier markers too.
struct LastCommits: Equatable {
    private var begins: [Int64: [TopicPartition: Int64]] = [:]

    func isCommitted(_ partition: TopicPartition, producerID: Int64, since offset: Int64) -> Bool {
        begins[producerID]?[partition] == offset
    }

    /// Takes a decision into account. An offset below zero forgets the partition's.
    mutating func apply(_ record: CommittedRecord) {
        for topic in record.topics {
            for partition in topic.partitions {
                let id = TopicPartition(topic: topic.name, partition: partition.index)
                begins[record.producerID, default: [:]][id] = partition.begin < 0 ? nil : partition.begin
            }
        }
        if begins[record.producerID]?.isEmpty == true { begins[record.producerID] = nil }
    }

    mutating func deleteTopic(_ name: String) {
        for producerID in begins.keys {
            begins[producerID] = begins[producerID]?.filter { $0.key.topic != name }
        }
    }

    mutating func forget(producerID: Int64) { begins[producerID] = nil }

    /// The records that restore what is known of some producers.
    func records(of producers: Set<Int64>) -> [CommittedRecord] {
        begins.filter { producers.contains($0.key) && !$0.value.isEmpty }.sorted { $0.key < $1.key }
            .map { CommittedRecord(producerID: $0.key, $0.value) }
    }

    /// The records that forget what begins where a log does not reach any more.
    func records(beyond end: (TopicPartition) -> Int64?) -> [CommittedRecord] {
        begins.sorted { $0.key < $1.key }.compactMap { producerID, begins in
            let gone = begins.filter { partition, begin in end(partition).map { $0 <= begin } ?? true }
            return gone.isEmpty ? nil : CommittedRecord(producerID: producerID, gone.mapValues { _ in -1 })
        }
    }
}

extension CommittedRecord {
    init(producerID: Int64, _ begins: [TopicPartition: Int64]) {
        self.producerID = producerID
        for (partition, begin) in begins.sorted(by: { $0.key < $1.key }) {
            if topics.last?.name != partition.topic { topics.append(Topic(name: partition.topic)) }
            topics[topics.count - 1].partitions.append(Partition(index: partition.partition, begin: begin))
        }
    }
}
