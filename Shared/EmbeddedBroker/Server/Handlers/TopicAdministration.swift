// SPDX-License-Identifier: Apache-2.0

import Logging

extension CreateTopicsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (CreateTopicsResponse) -> Void) {
        let times = Dictionary(topics.map { ($0.name, 1) }, uniquingKeysWith: +)
        let results = topics.map { topic in
            var result = CreateTopicsResponse.Topic(name: topic.name)
            do {
                guard times[topic.name] == 1 else {
                    throw TopicRefusal(.invalidRequest, "The request names the topic twice")
                }
                let (count, configuration) = try broker.check(topic)
                result.partitionCount = count
                result.replicationFactor = 1
                result.configs = configuration.values.sorted { $0.key < $1.key }.map {
                    CreateTopicsResponse.Config(
                        name: $0.key, value: $0.value, source: DescribeConfigsResponse.Config.topicSource)
                }
                if !validateOnly {
                    result.id = try broker.createTopic(
                        topic.name, partitions: count, configuration: configuration
                    ).id
                }
            } catch let refusal as TopicRefusal {
                (result.error, result.errorMessage) = (refusal.code, refusal.message)
            } catch {
                result.error = error as? ErrorCode ?? .unknownServerError
            }
            return result
        }
        broker.metadataGate.whenDurable { reply(CreateTopicsResponse(topics: results)) }
    }
}

/// Why a topic is not created or changed.
private struct TopicRefusal: Error {
    var code: ErrorCode
    var message: String

    init(_ code: ErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension Broker {
    fileprivate func check(_ topic: CreateTopicsRequest.Topic) throws -> (Int32, TopicConfiguration) {
        guard HostedTopic.isValid(name: topic.name) else {
            throw TopicRefusal(.invalidTopic, "A topic's name is 1 to 249 of the characters a-z A-Z 0-9 . _ -")
        }
        guard topics[topic.name] == nil else {
            throw TopicRefusal(.topicAlreadyExists, "Topic '\(topic.name)' already exists")
        }
        var count = topic.partitionCount == -1 ? configuration.defaultPartitions : topic.partitionCount
        if !topic.assignments.isEmpty {
            guard topic.partitionCount == -1, topic.replicationFactor == -1 else {
                throw TopicRefusal(.invalidRequest, "Give either partition and replica counts or an assignment")
            }
            let isDense = topic.assignments.map(\.partition).sorted() == Array(0..<Int32(topic.assignments.count))
            guard isDense, topic.assignments.allSatisfy({ $0.brokers == [Self.nodeID] }) else {
                throw TopicRefusal(
                    .invalidReplicaAssignment, "Every partition from 0 on must be on broker \(Self.nodeID)")
            }
            count = Int32(topic.assignments.count)
        } else {
            let accepted = 1...max(1, configuration.acceptedReplicationFactor)
            guard topic.replicationFactor == -1 || accepted.contains(topic.replicationFactor) else {
                throw TopicRefusal(
                    .invalidReplicationFactor,
                    "There is one broker: the replication factor must be \(accepted.upperBound) or less")
            }
        }
        guard (1...Self.maximumPartitions).contains(count) else {
            throw TopicRefusal(.invalidPartitions, "A topic has 1 to \(Self.maximumPartitions) partitions")
        }
        do {
            return (count, try TopicConfiguration(topic.configs))
        } catch {
            throw TopicRefusal(.invalidConfig, error.description)
        }
    }
}

extension DeleteTopicsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (DeleteTopicsResponse) -> Void) {
        let wanted = context.version >= 6 ? topics : names.map { Topic(name: $0) }
        let results = wanted.map { topic in
            var result = DeleteTopicsResponse.Result(name: topic.name, id: topic.id)
            let found = broker.topics.values.first { $0.name == topic.name || (topic.name == nil && $0.id == topic.id) }
            guard let found else {
                result.error = topic.name == nil ? .unknownTopicID : .unknownTopicOrPartition
                return result
            }
            (result.name, result.id) = (found.name, found.id)
            do throws(ErrorCode) {
                try broker.deleteTopic(found.name)
            } catch {
                result.error = error
            }
            return result
        }
        broker.metadataGate.whenDurable { reply(DeleteTopicsResponse(results: results)) }
    }
}

extension CreatePartitionsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (CreatePartitionsResponse) -> Void) {
        let results = topics.map { topic in
            var result = CreatePartitionsResponse.Result(name: topic.name)
            guard let existing = broker.topics[topic.name] else {
                result.error = .unknownTopicOrPartition
                return result
            }
            let allowed =
                Int32(existing.partitions.count)
                + 1...max(
                    Broker.maximumPartitions, Int32(existing.partitions.count) + 1)
            guard allowed.contains(topic.count) else {
                result.error = .invalidPartitions
                result.errorMessage = "The topic has \(existing.partitions.count) partitions; ask for \(allowed)"
                return result
            }
            do throws(ErrorCode) {
                if !validateOnly { try broker.addPartitions(topic.name, count: topic.count) }
            } catch {
                result.error = error
            }
            return result
        }
        broker.metadataGate.whenDurable { reply(CreatePartitionsResponse(results: results)) }
    }
}

extension DeleteRecordsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (DeleteRecordsResponse) -> Void) {
        let answers = topics.map { topic in
            DeleteRecordsResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map { wanted in
                    do throws(ErrorCode) {
                        let lowWatermark = try broker.deleteRecords(topic.name, wanted.index, before: wanted.offset)
                        return DeleteRecordsResponse.Partition(index: wanted.index, lowWatermark: lowWatermark)
                    } catch {
                        return DeleteRecordsResponse.Partition(index: wanted.index, error: error)
                    }
                })
        }
        broker.metadataGate.whenDurable { reply(DeleteRecordsResponse(topics: answers)) }
    }
}

extension Broker {
    fileprivate func deleteRecords(_ topic: String, _ index: Int32, before offset: Int64) throws(ErrorCode) -> Int64 {
        let partition = try partition(topic, index)
        let target = offset == -1 ? partition.highWatermark : offset
        guard target >= 0, target <= partition.highWatermark else { throw .offsetOutOfRange }
        try record(.logStart(LogStartRecord(topic: topic, partition: index, offset: target)))
        try onStorage("\(partition.id)") { try partition.log.deleteRecords(before: target) }
        return partition.log.logStartOffset
    }
}
