// SPDX-License-Identifier: Apache-2.0

import Logging

extension Broker {
    /// The most partitions that a topic may have here: each keeps a file open.
    static let maximumPartitions: Int32 = 1000

    func createTopic(
        _ name: String, partitions count: Int32, configuration: TopicConfiguration
    ) throws(ErrorCode) -> HostedTopic {
        try checkStorage()
        do {
            let partitions = try (0..<count).map { index in
                let id = TopicPartition(topic: name, partition: index)
                try Directory.remove(directory(of: id))
                return try openPartition(id, configuration: configuration)
            }
            try Directory.sync(topicsDirectory)
            let topic = HostedTopic(name: name, id: .random(), configuration: configuration, partitions: partitions)
            try record(.topic(topic.record))
            topics[name] = topic
            return topic
        } catch {
            logger.error("Topic cannot be created", metadata: ["topic": "\(name)", "error": "\(error)"])
            throw .storageError
        }
    }

    func deleteTopic(_ name: String) throws(ErrorCode) {
        guard let topic = topics[name] else { throw .unknownTopicOrPartition }
        try record(.topicDeleted(TopicDeletedRecord(name: name)))
        topics[name] = nil
        for group in offsets.keys { offsets[group]?.deleteTopic(name) }
        lastCommits.deleteTopic(name)
        for partition in topic.partitions {
            dismissFetches(of: partition)
            do {
                try Directory.remove(partition.log.directory)
            } catch {
                // The next start removes it.
                logger.warning("Topic's files not removed", metadata: ["topic": "\(name)", "error": "\(error)"])
            }
        }
    }

    func addPartitions(_ name: String, count: Int32) throws(ErrorCode) {
        guard var topic = topics[name] else { throw .unknownTopicOrPartition }
        do {
            for index in Int32(topic.partitions.count)..<count {
                let id = TopicPartition(topic: name, partition: index)
                try Directory.remove(directory(of: id))
                topic.partitions.append(try openPartition(id, configuration: topic.configuration))
            }
            try Directory.sync(topicsDirectory)
            try record(.topic(topic.record))
        } catch {
            logger.error("Partitions cannot be added", metadata: ["topic": "\(name)", "error": "\(error)"])
            throw .storageError
        }
        topics[name] = topic
    }

    func configure(_ name: String, _ configuration: TopicConfiguration) throws(ErrorCode) {
        guard var topic = topics[name] else { throw .unknownTopicOrPartition }
        topic.configuration = configuration
        try record(.topic(topic.record))
        topics[name] = topic
        for partition in topic.partitions { partition.log.limits = configuration.logLimits }
    }
}
