// SPDX-License-Identifier: Apache-2.0

/// A cluster as one of its brokers describes it.
public struct ClusterDescription: Sendable, Equatable {
    /// A broker, and where clients are told to find it.
    public struct Broker: Sendable, Equatable {
        /// Its number.
        public var id: Int32
        /// The host that it advertises.
        public var host: String
        /// The port that it advertises.
        public var port: Int

        /// Describes a broker.
        public init(id: Int32, host: String, port: Int) {
            self.id = id
            self.host = host
            self.port = port
        }
    }

    /// The brokers that are up, by number.
    public var brokers: [Broker]
    /// The broker that decides on topics; nil while there is none.
    public var controller: Int32?
    /// All topics, by name.
    public var topics: [TopicDescription]

    /// Describes a cluster.
    public init(brokers: [Broker], controller: Int32?, topics: [TopicDescription]) {
        self.brokers = brokers
        self.controller = controller
        self.topics = topics
    }
}

/// A consumer group as its coordinator describes it.
public struct GroupDescription: Sendable, Equatable {
    /// Where a group stands.
    public enum State: String, Sendable, CaseIterable {
        /// Members are joining.
        case preparingRebalance
        /// Partitions are being handed out.
        case completingRebalance
        /// Every member has its partitions.
        case stable
        /// It has no members; its offsets are kept.
        case empty
        /// Nobody has ever joined it, or it was removed.
        case dead
        /// The coordinator did not say.
        case unknown
    }

    /// One member.
    public struct Member: Sendable, Equatable {
        /// Its client id.
        public var client: String
        /// Where it connects from.
        public var host: String
        /// How many partitions it has.
        public var partitions: Int

        /// Describes a member.
        public init(client: String, host: String, partitions: Int) {
            self.client = client
            self.host = host
            self.partitions = partitions
        }
    }

    /// The group's name.
    public var name: String
    /// Where it stands.
    public var state: State
    /// Who is in it.
    public var members: [Member]
    /// Why it could not be described.
    public var failure: KafkaError?

    /// Describes a group.
    public init(name: String, state: State, members: [Member], failure: KafkaError? = nil) {
        self.name = name
        self.state = state
        self.members = members
        self.failure = failure
    }
}

extension KafkaAdmin {
    /// Brokers with the addresses that they advertise, the controller, and all topics.
    public func cluster() async throws -> ClusterDescription {
        try await run("describe the cluster") { try $0.cluster($1, "describe the cluster") }
    }

    /// Groups in the order given; one that nobody ever joined is `dead`. Each may have a failure of its own.
    public func describeGroups(_ names: [String]) async throws -> [GroupDescription] {
        let found = try await run("describe groups") { try $0.describeGroups(names, $1) }
        let byName = Dictionary(found.map { ($0.name, $0) }) { first, _ in first }
        return names.map { byName[$0] ?? GroupDescription(name: $0, state: .unknown, members: []) }
    }
}

extension KafkaAdmin {
    /// The oldest offsets kept, and where readers of committed records end.
    public func reach(
        of partitions: [TopicPartition]
    ) async throws -> (beginnings: [TopicPartition: Int64], ends: [TopicPartition: Int64]) {
        try await run("look up offsets") { handle, patience in
            (
                try handle.offsets(partitions, time: TimeQuery.beginning, patience),
                try handle.offsets(partitions, time: TimeQuery.end, patience)
            )
        }
    }
}

extension TransactionalProducer {
    /// Does everything that `commit` does but the commit, and aborts: the records are acknowledged but nobody who
    /// reads committed records sees them, and the group's offsets stay. For finding out whether it would work.
    ///
    /// The records stay in the log, invisible, until their topic's retention removes them.
    /// - Throws: `KafkaError` that says what is not possible.
    public func rehearse(
        _ records: [ProducerRecord], offsets: [CommittedOffset] = [], group: ConsumerGroupMetadata? = nil
    ) async throws {
        try checkUsable("rehearse a transaction")
        let transaction = Transaction(
            handle: handle, topics: topics, records: records, offsets: offsets,
            group: group.map { GroupMembership($0) }, opening: opening)
        let (timeout, deadline) = (timeout, ContinuousClock.now + timeout)
        try await run("rehearse a transaction", within: timeout + .seconds(5)) {
            try transaction.rehearse(until: deadline)
        }
    }
}

extension ConsumerGroupMetadata {
    /// The group without any membership, as a producer that assigns its partitions itself gives it.
    ///
    /// It fences nobody; a group that has members may refuse offsets that come with it.
    public init(group: String) throws {
        serialised = try ClientHandle.metadata(ofGroupWithoutMember: group)
    }
}
