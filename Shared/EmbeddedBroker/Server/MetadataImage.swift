// SPDX-License-Identifier: Apache-2.0

/// What the metadata log says, folded: the state to restore.
struct MetadataImage {
    var cluster: ClusterRecord?
    var topics: [String: TopicRecord] = [:]
    var logStarts: [TopicPartition: Int64] = [:]
    var nextProducerID: Int64 = 0
    var transactions: [String: TransactionRecord] = [:]
    var lastCommits = LastCommits()
    var offsets: [String: GroupOffsets] = [:]
    var groups: [String: GroupRecord] = [:]
    /// Since when groups have no members; milliseconds since 1970.
    var emptyGroups: [String: Int64] = [:]

    mutating func apply(_ record: MetadataRecord) {
        switch record {
        case .cluster(let record): cluster = record
        case .topic(let record): topics[record.name] = record
        case .topicDeleted(let record): deleteTopic(record.name)
        case .logStart(let record):
            logStarts[TopicPartition(topic: record.topic, partition: record.partition)] = record.offset
        case .producerBlock(let record): nextProducerID = record.next
        case .transaction(let record): apply(record)
        case .offsets(let record): apply(record)
        case .offsetsDeleted(let record):
            for partition in record.topics.flattened { offsets[record.groupID]?.delete(partition) }
        case .group(let record):
            groups[record.groupID] = record
            if !record.members.isEmpty { emptyGroups[record.groupID] = nil }
        case .groupEmptied(let record): emptyGroups[record.groupID] = record.since
        case .transactionDeleted(let record):
            if let transaction = transactions.removeValue(forKey: record.transactionalID) {
                lastCommits.forget(producerID: transaction.producerID)
                lastCommits.forget(producerID: transaction.previousProducerID)
            }
        case .committed(let record): lastCommits.apply(record)
        case .groupDeleted(let record):
            groups[record.groupID] = nil
            emptyGroups[record.groupID] = nil
            offsets[record.groupID] = nil
        }
    }

    private mutating func apply(_ record: TransactionRecord) {
        transactions[record.transactionalID] = record
        let outcome: TransactionOutcome
        // The prepare record decides; the complete record carries no groups any more.
        switch Transaction.State(rawValue: record.state) {
        case .prepareCommit: outcome = .commit
        case .prepareAbort: outcome = .abort
        default: return
        }
        for group in record.groups { offsets[group]?.end(producerID: record.producerID, outcome: outcome) }
    }

    private mutating func apply(_ record: OffsetsRecord) {
        let values = record.values
        if record.producerID >= 0 {
            offsets[record.groupID, default: GroupOffsets()].stage(values, producerID: record.producerID)
        } else {
            offsets[record.groupID, default: GroupOffsets()].commit(values)
        }
    }

    private mutating func deleteTopic(_ name: String) {
        topics[name] = nil
        logStarts = logStarts.filter { $0.key.topic != name }
        for group in offsets.keys { offsets[group]?.deleteTopic(name) }
        lastCommits.deleteTopic(name)
    }
}

extension OffsetsRecord {
    /// More than fits into one record is said in several.
    private static let most = 1000

    static func records(
        groupID: String, producerID: Int64 = -1, _ values: [TopicPartition: CommittedOffset]
    ) -> [MetadataRecord] {
        let sorted = values.sorted { $0.key < $1.key }
        return stride(from: 0, to: sorted.count, by: most).map { start in
            let part = Dictionary(
                uniqueKeysWithValues: sorted[start..<min(start + most, sorted.count)].map { ($0, $1) })
            return .offsets(OffsetsRecord(groupID: groupID, producerID: producerID, part))
        }
    }

    init(groupID: String, producerID: Int64 = -1, _ values: [TopicPartition: CommittedOffset]) {
        self.groupID = groupID
        self.producerID = producerID
        for (partition, value) in values.sorted(by: { $0.key < $1.key }) {
            if topics.last?.name != partition.topic { topics.append(Topic(name: partition.topic)) }
            topics[topics.count - 1].partitions.append(
                Partition(
                    index: partition.partition, offset: value.offset, leaderEpoch: value.leaderEpoch,
                    metadata: value.metadata, committedAt: value.committedAt))
        }
    }

    var values: [TopicPartition: CommittedOffset] {
        var values: [TopicPartition: CommittedOffset] = [:]
        for topic in topics {
            for partition in topic.partitions {
                values[TopicPartition(topic: topic.name, partition: partition.index)] = CommittedOffset(
                    offset: partition.offset, leaderEpoch: partition.leaderEpoch, metadata: partition.metadata,
                    committedAt: partition.committedAt)
            }
        }
        return values
    }
}
