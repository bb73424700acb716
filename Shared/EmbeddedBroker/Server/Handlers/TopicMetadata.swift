// SPDX-License-Identifier: Apache-2.0

extension MetadataRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (MetadataResponse) -> Void) {
        var response = MetadataResponse()
        response.brokers = [
            MetadataResponse.Broker(
                nodeID: Broker.nodeID, host: context.advertised.host, port: Int32(context.advertised.port))
        ]
        response.clusterID = broker.clusterID
        response.controllerID = Broker.nodeID
        if let topics, context.version > 0 || !topics.isEmpty {
            response.topics = topics.map { broker.describeTopic($0, mayCreate: allowAutoTopicCreation) }
        } else {
            response.topics = broker.topics.values.sorted { $0.name < $1.name }.map(Self.describe)
        }
        if includeTopicAuthorizedOperations {
            for index in response.topics.indices where response.topics[index].error == .none {
                response.topics[index].authorizedOperations = AuthorizedOperations.topic
            }
        }
        if includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = AuthorizedOperations.cluster
        }
        // Null came with version 12.
        if context.version < 12 {
            for index in response.topics.indices where response.topics[index].name == nil {
                response.topics[index].name = ""
            }
        }
        let answer = response
        broker.metadataGate.whenDurable { reply(answer) }
    }

    static func describe(_ topic: HostedTopic) -> MetadataResponse.Topic {
        MetadataResponse.Topic(
            name: topic.name, id: topic.id,
            partitions: topic.partitions.map { partition in
                MetadataResponse.Partition(
                    index: partition.id.partition, leaderID: Broker.nodeID, leaderEpoch: Broker.leaderEpoch,
                    replicas: [Broker.nodeID], inSyncReplicas: [Broker.nodeID])
            })
    }
}

extension Broker {
    fileprivate func describeTopic(_ wanted: MetadataRequest.Topic, mayCreate: Bool) -> MetadataResponse.Topic {
        // Java sends an id with an empty name.
        guard let name = wanted.name, wanted.id == TopicID() else {
            guard let topic = topics.values.first(where: { $0.id == wanted.id }) else {
                return MetadataResponse.Topic(error: .unknownTopicID, name: nil, id: wanted.id)
            }
            return MetadataRequest.describe(topic)
        }
        if let topic = topics[name] { return MetadataRequest.describe(topic) }
        guard HostedTopic.isValid(name: name) else { return MetadataResponse.Topic(error: .invalidTopic, name: name) }
        guard mayCreate, configuration.autoCreateTopics else {
            return MetadataResponse.Topic(error: .unknownTopicOrPartition, name: name)
        }
        do throws(ErrorCode) {
            return MetadataRequest.describe(
                try createTopic(name, partitions: configuration.defaultPartitions, configuration: TopicConfiguration()))
        } catch {
            return MetadataResponse.Topic(error: error, name: name)
        }
    }
}
