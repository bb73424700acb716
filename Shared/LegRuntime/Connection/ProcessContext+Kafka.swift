// SPDX-License-Identifier: Apache-2.0

public import Baton
public import Kafka
public import Operations

extension ProcessContext {
    /// How this process reaches Kafka.
    public var kafka: KafkaConfiguration {
        var kafka = KafkaConfiguration(
            bootstrapServers: configuration.kafkaBootstrapServers, clientID: configuration.instance,
            readerGroup: topics.readerGroup(configuration.service), properties: configuration.kafkaProperties)
        kafka.gatheringWait = configuration.kafkaGatheringWait
        return kafka
    }

    /// The topics under the configured prefix.
    public var topics: Topics { Topics(prefix: configuration.topicPrefix) }

    /// The CloudEvents `source` of what this process writes: `relay/<service>`.
    public var eventSource: String { "relay/" + configuration.service }

    /// `<prefix><service>.<lane>.<instance>`, followed by what tells several of one process apart.
    func transactionalID(_ name: String? = nil) -> String {
        let own = "\(configuration.service).\(configuration.lane).\(configuration.instance)"
        return configuration.topicPrefix + own + (name.map { "." + $0 } ?? "")
    }

    /// A static member keeps its partitions over a restart; only an instance that was named stays the same.
    var groupInstanceID: String? { configuration.instanceIsExplicit ? configuration.instance : nil }
}
