// SPDX-License-Identifier: Apache-2.0

extension Broker {
    /// The whole state, as the fewest metadata records that restore it.
    func snapshot() throws -> [MetadataRecord] {
        var records: [MetadataRecord] = [
            .cluster(ClusterRecord(clusterID: clusterID, bootID: bootID)),
            .producerBlock(ProducerBlockRecord(next: producerIDLimit)),
        ]
        for topic in topics.values.sorted(by: { $0.name < $1.name }) {
            records.append(.topic(topic.record))
            for partition in topic.partitions where partition.log.logStartOffset > 0 {
                records.append(
                    .logStart(
                        LogStartRecord(
                            topic: topic.name, partition: partition.id.partition,
                            offset: partition.log.logStartOffset)))
            }
        }
        for (id, group) in offsets.sorted(by: { $0.key < $1.key }) {
            records += OffsetsRecord.records(groupID: id, group.committed)
            for (producer, staged) in group.staged.sorted(by: { $0.key < $1.key }) {
                records += OffsetsRecord.records(groupID: id, producerID: producer, staged)
            }
        }
        records += groups.values.sorted { $0.id < $1.id }.map { .group($0.record) }
        records += emptyGroups.sorted { $0.key < $1.key }.map {
            .groupEmptied(GroupEmptiedRecord(groupID: $0.key, since: $0.value))
        }
        records += transactions.values.sorted { $0.id < $1.id }.map { .transaction($0.record) }
        let producers = transactions.values.flatMap { [$0.producerID, $0.previousProducerID] }
        records += lastCommits.records(of: Set(producers)).map { .committed($0) }
        return records
    }
}
