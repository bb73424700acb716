// SPDX-License-Identifier: Apache-2.0

import Glibc

// What tools for clusters ask, answered for a cluster of one broker without users and quotas.

extension DescribeLogDirsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (DescribeLogDirsResponse) -> Void) {
        reply(DescribeLogDirsResponse(results: [broker.logDirectory(of: topics)]))
    }
}

extension Broker {
    fileprivate func logDirectory(of wanted: [TopicPartitions]?) -> DescribeLogDirsResponse.Result {
        typealias Answer = DescribeLogDirsResponse
        var result = Answer.Result(directory: configuration.dataDirectory)
        let wanted = wanted.map { Set($0.flattened) }
        for topic in topics.values.sorted(by: { $0.name < $1.name }) {
            let partitions = topic.partitions.filter { wanted?.contains($0.id) ?? true }.map {
                Answer.Partition(index: $0.id.partition, bytes: Int64($0.log.size))
            }
            if !partitions.isEmpty { result.topics.append(Answer.Topic(name: topic.name, partitions: partitions)) }
        }
        var status = statvfs()
        if statvfs(configuration.dataDirectory, &status) == 0 {
            result.totalBytes = Int64(status.f_blocks) * Int64(status.f_frsize)
            result.usableBytes = Int64(status.f_bavail) * Int64(status.f_frsize)
        }
        return result
    }
}

extension ListPartitionReassignmentsRequest: Served {
    func serve(
        on broker: Broker, context: RequestContext, reply: @escaping (ListPartitionReassignmentsResponse) -> Void
    ) {
        reply(ListPartitionReassignmentsResponse())
    }
}

extension AlterPartitionReassignmentsRequest: Served {
    func serve(
        on broker: Broker, context: RequestContext, reply: @escaping (AlterPartitionReassignmentsResponse) -> Void
    ) {
        typealias Topic = ElectLeadersResponse.Topic
        reply(
            AlterPartitionReassignmentsResponse(
                allowReplicationFactorChange: allowReplicationFactorChange,
                topics: topics.map { topic in
                    Topic(name: topic.name, partitions: topic.partitions.map { broker.judge($0, of: topic.name) })
                }))
    }
}

extension Broker {
    fileprivate func judge(
        _ wanted: AlterPartitionReassignmentsRequest.Partition, of topic: String
    ) -> ElectLeadersResponse.Partition {
        var answer = ElectLeadersResponse.Partition(index: wanted.index)
        if (try? partition(topic, wanted.index)) == nil {
            answer.error = .unknownTopicOrPartition
        } else if let replicas = wanted.replicas {
            // It is there already.
            guard replicas != [Self.nodeID] else { return answer }
            answer.error = .invalidReplicaAssignment
            answer.errorMessage = "There is one broker, \(Self.nodeID), and one replica of each partition"
        } else {
            answer.error = .noReassignmentInProgress
        }
        return answer
    }
}

extension DescribeClientQuotasRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (DescribeClientQuotasResponse) -> Void) {
        reply(DescribeClientQuotasResponse(entries: []))
    }
}

extension DescribeUserScramCredentialsRequest: Served {
    func serve(
        on broker: Broker, context: RequestContext, reply: @escaping (DescribeUserScramCredentialsResponse) -> Void
    ) {
        reply(
            DescribeUserScramCredentialsResponse(
                results: (users ?? []).map { user in
                    DescribeUserScramCredentialsResponse.Result(
                        user: user.name, error: .resourceNotFound,
                        errorMessage: "There is no SCRAM credential of \(user.name): this broker has no users")
                }))
    }
}

extension ListConfigResourcesRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (ListConfigResourcesResponse) -> Void) {
        typealias Resource = ListConfigResourcesResponse.Resource
        guard context.version > 0 else { return reply(ListConfigResourcesResponse()) }
        var resources: [Resource] = broker.topics.keys.sorted().map {
            Resource(name: $0, type: ConfigResourceType.topic)
        }
        for type in [ConfigResourceType.broker, ConfigResourceType.brokerLogger] {
            resources.append(Resource(name: "\(Broker.nodeID)", type: type))
        }
        let wanted = Set(types)
        reply(
            ListConfigResourcesResponse(resources: resources.filter { wanted.isEmpty || wanted.contains($0.type) }))
    }
}

extension UnregisterBrokerRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (UnregisterBrokerResponse) -> Void) {
        guard brokerID == Broker.nodeID else {
            return reply(
                UnregisterBrokerResponse(
                    error: .brokerIDNotRegistered, errorMessage: "There is one broker, \(Broker.nodeID)"))
        }
        reply(
            UnregisterBrokerResponse(
                error: .invalidRequest, errorMessage: "It is the only broker, and it is running"))
    }
}
