// SPDX-License-Identifier: Apache-2.0

extension ElectLeadersRequest: Served {
    /// The one broker leads every partition, and always has.
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (ElectLeadersResponse) -> Void) {
        let all = broker.topics.values.sorted { $0.name < $1.name }.map { topic in
            TopicPartitions(name: topic.name, partitions: topic.partitions.map(\.id.partition))
        }
        // Who asks for all is told of those only that an election changed.
        guard let topics else { return reply(ElectLeadersResponse()) }
        let known = Set(all.flattened)
        reply(
            ElectLeadersResponse(
                topics: topics.map { topic in
                    ElectLeadersResponse.Topic(
                        name: topic.name,
                        partitions: topic.partitions.map { index in
                            let isKnown = known.contains(TopicPartition(topic: topic.name, partition: index))
                            return ElectLeadersResponse.Partition(
                                index: index, error: isKnown ? .electionNotNeeded : .unknownTopicOrPartition)
                        })
                }))
    }
}
