// SPDX-License-Identifier: Apache-2.0

import Logging

extension DescribeConfigsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (DescribeConfigsResponse) -> Void) {
        reply(
            DescribeConfigsResponse(
                results: resources.map { resource in
                    var result = DescribeConfigsResponse.Result(type: resource.type, name: resource.name)
                    do throws(ErrorCode) {
                        result.configs = try broker.configs(of: resource, includeSynonyms: includeSynonyms)
                    } catch {
                        result.error = error
                    }
                    return result
                }))
    }
}

extension Broker {
    fileprivate func configs(
        of resource: DescribeConfigsRequest.Resource, includeSynonyms: Bool
    ) throws(ErrorCode) -> [DescribeConfigsResponse.Config] {
        let all: [DescribeConfigsResponse.Config]
        switch resource.type {
        case ConfigResourceType.topic:
            guard let topic = topics[resource.name] else { throw .unknownTopicOrPartition }
            all = TopicConfigurationKey.all.map { describe($0, of: topic, includeSynonyms: includeSynonyms) }
        case ConfigResourceType.broker:
            guard resource.name.isEmpty || resource.name == "\(Self.nodeID)" else { throw .invalidRequest }
            all = brokerConfigs
        case ConfigResourceType.brokerLogger:
            guard resource.name == "\(Self.nodeID)" else { throw .invalidRequest }
            all = [
                DescribeConfigsResponse.Config(
                    name: logger.label, value: logger.logLevel.rawValue.uppercased(), isReadOnly: true,
                    source: DescribeConfigsResponse.Config.loggerSource)
            ]
        default:
            throw .invalidRequest
        }
        guard let keys = resource.keys else { return all }
        return all.filter { keys.contains($0.name) }
    }

    private func describe(
        _ key: TopicConfigurationKey.Definition, of topic: HostedTopic, includeSynonyms: Bool
    ) -> DescribeConfigsResponse.Config {
        typealias Config = DescribeConfigsResponse.Config
        let own = topic.configuration.values[key.name]
        let source = own == nil ? Config.defaultSource : Config.topicSource
        let initial = initial(of: key)
        var config = Config(name: key.name, value: own ?? initial, isDefault: own == nil, source: source)
        config.type = key.type
        guard includeSynonyms else { return config }
        if let own {
            config.synonyms.append(
                DescribeConfigsResponse.Synonym(name: key.name, value: own, source: Config.topicSource))
        }
        config.synonyms.append(
            DescribeConfigsResponse.Synonym(name: key.name, value: initial, source: Config.defaultSource))
        return config
    }

    private func initial(of key: TopicConfigurationKey.Definition) -> String {
        key.name == "min.cleanable.dirty.ratio" ? "\(configuration.minimumCleanableRatio)" : key.initial
    }

    /// This broker's own, which no one can set: the batches that cannot be read, for who looks after it from afar.
    private static let damagedConfig = "log.damaged"

    private var damagedText: String {
        topics.values.sorted { $0.name < $1.name }.flatMap(\.partitions).flatMap { partition -> [String] in
            let name = "\(partition.id.topic)-\(partition.id.partition)"
            return partition.log.damage.map { "\(name)@\($0.offsets.lowerBound): \($0)" }
        }.joined(separator: "; ")
    }

    private var brokerConfigs: [DescribeConfigsResponse.Config] {
        let values = [
            ("auto.create.topics.enable", "\(configuration.autoCreateTopics)"),
            ("broker.id", "\(Self.nodeID)"),
            ("default.replication.factor", "1"),
            ("fetch.max.bytes", "\(configuration.maximumFetchBytes)"),
            ("group.max.size", "\(configuration.groupLimits.maxSize)"),
            ("log.cleaner.backoff.ms", "\(configuration.cleaningInterval.wholeMilliseconds)"),
            ("log.cleaner.min.cleanable.ratio", "\(configuration.minimumCleanableRatio)"),
            ("log.dirs", configuration.dataDirectory),
            ("log.retention.check.interval.ms", "\(configuration.retentionInterval.wholeMilliseconds)"),
            ("num.partitions", "\(configuration.defaultPartitions)"),
            ("offset.metadata.max.bytes", "\(configuration.offsetMetadataMaxBytes)"),
            ("offsets.retention.minutes", "\(configuration.offsetsRetention.wholeMilliseconds / 60_000)"),
            (Self.damagedConfig, damagedText),
            ("producer.id.expiration.ms", "\(configuration.producerIDExpiration.wholeMilliseconds)"),
            ("socket.request.max.bytes", "\(configuration.limits.socketRequestMaxBytes)"),
            ("transaction.max.timeout.ms", "\(configuration.transactionMaxTimeout.wholeMilliseconds)"),
            ("transactional.id.expiration.ms", "\(configuration.transactionalIDExpiration.wholeMilliseconds)"),
        ]
        return values.map { name, value in
            DescribeConfigsResponse.Config(
                name: name, value: value, isReadOnly: true, source: DescribeConfigsResponse.Config.brokerSource)
        }
    }
}

extension AlterConfigsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (AlterConfigsResponse) -> Void) {
        let results = resources.map { resource in
            broker.alter(resource.type, resource.name, validateOnly: validateOnly) {
                _ throws(TopicConfiguration.Invalid) in try TopicConfiguration(resource.configs)
            }
        }
        broker.metadataGate.whenDurable { reply(AlterConfigsResponse(results: results)) }
    }
}

extension IncrementalAlterConfigsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (AlterConfigsResponse) -> Void) {
        let results = resources.map { resource in
            broker.alter(resource.type, resource.name, validateOnly: validateOnly) {
                current throws(TopicConfiguration.Invalid) in
                var changed = current
                for change in resource.configs { try changed.apply(change) }
                return changed
            }
        }
        broker.metadataGate.whenDurable { reply(AlterConfigsResponse(results: results)) }
    }
}

extension TopicConfiguration {
    fileprivate mutating func apply(_ change: IncrementalAlterConfigsRequest.Change) throws(Invalid) {
        var list = self[change.name].split(separator: ",").map(String.init)
        let items = (change.value ?? "").split(separator: ",").map(String.init)
        switch change.operation {
        case IncrementalAlterConfigsRequest.Change.set:
            guard change.value != nil else { throw Invalid(description: "\(change.name) is set to null") }
            try set(change.name, to: change.value)
        case IncrementalAlterConfigsRequest.Change.delete:
            try set(change.name, to: nil)
        case IncrementalAlterConfigsRequest.Change.append where change.name == "cleanup.policy":
            list += items.filter { !list.contains($0) }
            try set(change.name, to: list.joined(separator: ","))
        case IncrementalAlterConfigsRequest.Change.subtract where change.name == "cleanup.policy":
            list.removeAll { items.contains($0) }
            try set(change.name, to: list.joined(separator: ","))
        default:
            throw Invalid(description: "Operation \(change.operation) does not apply to \(change.name)")
        }
    }
}

extension Broker {
    fileprivate func alter(
        _ type: Int8, _ name: String, validateOnly: Bool,
        _ change: (TopicConfiguration) throws(TopicConfiguration.Invalid) -> TopicConfiguration
    ) -> AlterConfigsResponse.Result {
        var result = AlterConfigsResponse.Result(type: type, name: name)
        guard type == ConfigResourceType.topic else {
            (result.error, result.errorMessage) = (.invalidRequest, "Only topics can be configured while running")
            return result
        }
        guard let topic = topics[name] else {
            result.error = .unknownTopicOrPartition
            return result
        }
        let changed: TopicConfiguration
        do {
            changed = try change(topic.configuration)
        } catch {
            (result.error, result.errorMessage) = (.invalidConfig, error.description)
            return result
        }
        do throws(ErrorCode) {
            if !validateOnly { try configure(name, changed) }
        } catch {
            result.error = error
        }
        return result
    }
}
