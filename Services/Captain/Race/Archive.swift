// SPDX-License-Identifier: Apache-2.0

package import Baton
package import Kafka
package import Logging

/// Where the captain's own words of before are, and how far others' reports reach.
package protocol Archive: Sendable {
    /// The states of partitions as they were last committed, and where their progress topics end.
    func restore(_ partitions: [Int32]) async throws -> [Int32: Share]
    /// Where the progress topic ends in these partitions, asked of the broker now.
    func progressEnds(_ partitions: [Int32]) async throws -> [Int32: Int64]
}

/// The archive in Kafka.
package struct KafkaArchive: Archive {
    private let topics: Topics
    private let configuration: KafkaConfiguration
    private let logger: Logger
    private let ends: PartitionReader

    /// Connects nothing yet.
    package init(_ configuration: KafkaConfiguration, topics: Topics, logger: Logger) throws {
        self.topics = topics
        self.configuration = configuration
        self.logger = logger
        ends = try PartitionReader(configuration, logger: logger, isolation: .readUncommitted)
    }

    package func restore(_ partitions: [Int32]) async throws -> [Int32: Share] {
        guard !partitions.isEmpty else { return [:] }
        let sources = partitions.map { TopicPartition(topic: topics.batons, partition: $0) }
        // Up to where the partition ends for everybody, not for readers of committed records: a transaction of the
        // owner before may be decided and not yet marked here, and its states must not be missed.
        let targets = try await ends.endOffsets(sources)
        let beginnings = try await ends.beginningOffsets(sources)
        let filled = targets.filter { $0.value > beginnings[$0.key] ?? 0 }
        var records: [Int32: [ConsumerRecord]] = [:]
        if !filled.isEmpty {
            let reader = try PartitionReader(configuration, logger: logger)
            do {
                try await reader.assign(filled.mapValues { _ in .beginning })
                try await reader.read(until: filled) { batch in
                    for record in batch { records[record.partition, default: []].append(record) }
                }
                await reader.close()
            } catch {
                await reader.close()
                throw error
            }
        }
        let reached = try await progressEnds(partitions)
        return Dictionary(
            uniqueKeysWithValues: partitions.map { partition in
                (partition, Share(records: records[partition] ?? [], progressPosition: reached[partition] ?? 0))
            })
    }

    package func progressEnds(_ partitions: [Int32]) async throws -> [Int32: Int64] {
        let sources = partitions.map { TopicPartition(topic: topics.progress, partition: $0) }
        let ends = try await ends.endOffsets(sources)
        return Dictionary(ends.map { ($0.key.partition, $0.value) }) { first, _ in first }
    }

    func close() async { await ends.close() }
}
