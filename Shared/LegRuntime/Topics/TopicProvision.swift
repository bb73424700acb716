// SPDX-License-Identifier: Apache-2.0

public import Baton
public import Kafka
public import Operations

/// How the suite's topics are made in a cluster, and what is different from that. The one place that knows: services
/// at their start and `relay topics` alike.
public struct TopicProvision: Sendable, Equatable {
    /// Every topic of the suite.
    public let plans: [TopicPlan]
    /// Copies of each partition; -1 leaves it to the cluster's default.
    public let replication: Int

    /// A provision of the topics under `topics`' prefix.
    public init(topics: Topics, partitions: Int = 8, replication: Int = -1) {
        plans = topics.all(controlPartitions: Int32(partitions))
        self.replication = replication
    }

    /// As `RELAY_CONTROL_PARTITIONS` (8) and `RELAY_TOPIC_REPLICATION` (-1) say.
    public init(_ configuration: ProcessConfiguration) throws(ConfigurationError) {
        self.init(
            topics: Topics(prefix: configuration.topicPrefix),
            partitions: try configuration.value(Self.partitionsSetting),
            replication: try configuration.value(Self.replicationSetting))
    }

    static let settings = [partitionsSetting.declaration, replicationSetting.declaration]

    private static let partitionsSetting = Setting<Int>.int(
        "control-partitions", scope: .suite, default: 8, in: 1...1000,
        "partitions of topics that are made; `releases` always has one")
    private static let replicationSetting = Setting<Int>.int(
        "topic-replication", scope: .suite, default: -1, in: -1...15,
        "replicas of topics that are made; -1 is the cluster's default")

    /// The topics that are not there, as they are to be created.
    public func missing(in present: [TopicDescription]) -> [TopicSpecification] {
        let names = Set(present.map(\.name))
        return plans.filter { !names.contains($0.name) }.map { plan in
            TopicSpecification(
                name: plan.name, partitions: Int(plan.partitions), replicationFactor: replication,
                configuration: plan.properties)
        }
    }

    /// Creates what is missing and leaves everything else alone.
    /// - Returns: The names of the topics that are new, sorted.
    /// - Throws: `KafkaError` of the first that could not be created.
    public func create(with admin: KafkaAdmin) async throws -> [String] {
        let missing = missing(in: try await admin.topics())
        guard !missing.isEmpty else { return [] }
        return try await admin.createTopics(missing).compactMap { creation in
            try creation.get()
            return creation.outcome == .created ? creation.name : nil
        }
        .sorted()
    }

    /// The suite's topics as they are; those that are missing are left out.
    /// - Throws: `KafkaError`.
    public func found(with admin: KafkaAdmin) async throws -> [FoundTopic] {
        let names = Set(plans.map(\.name))
        var found: [FoundTopic] = []
        for topic in try await admin.topics() where names.contains(topic.name) {
            let properties = try await admin.describeTopicConfiguration(topic.name)
            found.append(FoundTopic(description: topic, properties: properties))
        }
        return found
    }

    /// Everything that is not as planned, in the order of the plans.
    public func differences(_ found: [FoundTopic]) -> [TopicDifference] {
        let byName = Dictionary(found.map { ($0.description.name, $0) }) { first, _ in first }
        return plans.flatMap { plan in
            byName[plan.name].map { differences(plan, $0) }
                ?? [TopicDifference(topic: plan.name, property: .existence, planned: "exists", found: "missing")]
        }
    }

    private func differences(_ plan: TopicPlan, _ found: FoundTopic) -> [TopicDifference] {
        var differences: [TopicDifference] = []
        func compare(_ property: TopicDifference.Property, _ planned: String, _ actual: String) {
            guard planned != actual else { return }
            differences.append(
                TopicDifference(topic: plan.name, property: property, planned: planned, found: actual))
        }
        compare(.partitions, "\(plan.partitions)", "\(found.description.partitions.count)")
        let copies = found.description.replicationFactor
        if replication > 0 { compare(.replication, "\(replication)", "\(copies)") }
        for (name, planned) in plan.properties.sorted(by: { $0.key < $1.key }) {
            compare(.configuration(name), planned, found.properties[name].map(Self.normal) ?? "unknown")
        }
        // Whatever it is set to, it must be possible: a write waits for this many copies.
        if let minimum = found.minimumInSync, copies > 0, minimum > copies {
            compare(.configuration(FoundTopic.minimumInSyncProperty), "at most \(copies)", "\(minimum)")
        }
        return differences
    }

    /// Lists in one order: `compact,delete` and `delete, compact` are the same.
    private static func normal(_ value: String) -> String {
        value.split(separator: ",").map { $0.filter { $0 != " " } }.sorted().joined(separator: ",")
    }
}

/// A topic as it is.
public struct FoundTopic: Sendable, Equatable {
    /// The broker's name of the number of copies that a write waits for.
    public static let minimumInSyncProperty = "min.insync.replicas"

    /// Partitions and copies.
    public var description: TopicDescription
    /// The configuration in force.
    public var properties: [String: String]

    /// Describes a topic.
    public init(description: TopicDescription, properties: [String: String]) {
        self.description = description
        self.properties = properties
    }

    /// Copies that a write waits for.
    public var minimumInSync: Int? { properties[Self.minimumInSyncProperty].flatMap(Int.init) }
}

/// One property of one topic that is not as planned.
public struct TopicDifference: Sendable, Equatable {
    /// What is different.
    public enum Property: Sendable, Equatable {
        /// Whether there is such a topic.
        case existence
        /// The number of partitions.
        case partitions
        /// Copies of each partition.
        case replication
        /// A property of Kafka's topic configuration, by its name there.
        case configuration(String)

        /// As tables and JSON show it.
        public var name: String {
            switch self {
            case .existence: "topic"
            case .partitions: "partitions"
            case .replication: "replication"
            case .configuration(let name): name
            }
        }
    }

    /// The topic.
    public let topic: String
    /// What is different.
    public let property: Property
    /// What the suite plans.
    public let planned: String
    /// What the cluster has.
    public let found: String

    /// Makes a difference.
    public init(topic: String, property: Property, planned: String, found: String) {
        self.topic = topic
        self.property = property
        self.planned = planned
        self.found = found
    }
}
