// SPDX-License-Identifier: Apache-2.0

/// A topic to be created.
public struct TopicSpecification: Sendable, Equatable {
    /// Topic name.
    public var name: String
    /// Number of partitions.
    public var partitions: Int
    /// Copies of each partition.
    public var replicationFactor: Int
    /// Topic configuration, for instance `cleanup.policy`.
    public var configuration: [String: String]

    /// Describes a topic.
    public init(name: String, partitions: Int, replicationFactor: Int, configuration: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.configuration = configuration
    }
}

/// What became of a topic that was to be created.
public struct TopicCreation: Sendable, Equatable {
    /// What happened.
    public enum Outcome: Sendable, Equatable {
        /// It is new.
        case created
        /// It was there before; its partitions and configuration are as they were.
        case existed
        /// It could not be created.
        case failed(KafkaError)
    }

    /// Topic name.
    public var name: String
    /// What happened to it.
    public var outcome: Outcome

    /// Makes a result.
    public init(name: String, outcome: Outcome) {
        self.name = name
        self.outcome = outcome
    }

    /// Throws the error of a topic that could not be created.
    public func get() throws {
        if case .failed(let error) = outcome { throw error }
    }
}

/// A topic of the cluster.
public struct TopicDescription: Sendable, Equatable {
    /// Topic name.
    public var name: String
    /// Partition numbers, ascending.
    public var partitions: [Int32]
    /// Copies of the partition that has the fewest; 0 when that is not known.
    public var replicationFactor: Int
    /// Partitions that no broker leads now: they can be neither read nor written.
    public var leaderless: [Int32]
    /// Partitions of which a copy lags behind or is away.
    public var underReplicated: [Int32]

    /// Describes a topic.
    public init(
        name: String, partitions: [Int32], replicationFactor: Int = 0, leaderless: [Int32] = [],
        underReplicated: [Int32] = []
    ) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.leaderless = leaderless
        self.underReplicated = underReplicated
    }

    /// The partitions by topic and number.
    public var topicPartitions: [TopicPartition] {
        partitions.map { TopicPartition(topic: name, partition: $0) }
    }
}
