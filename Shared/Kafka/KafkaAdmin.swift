// SPDX-License-Identifier: Apache-2.0

import Logging

/// Looks after topics and looks at groups' offsets.
///
/// Calls run one after another on a thread of its own and wait up to 30 s for the cluster. Cancelling a
/// task, or closing the client, ends a wait within a second.
public final class KafkaAdmin: Sendable {
    private let handle: ClientHandle
    private let thread: BlockingThread
    private let ended = EndSignal()
    private let settings: ClientSettings
    private let logger: Logger

    /// Connects in the background.
    public init(_ configuration: KafkaConfiguration, logger: Logger) throws {
        var settings = try ClientSettings(configuration, operation: "make an admin client")
        settings.set([
            // Ends of partitions are those that readers of committed records see.
            "isolation.level": IsolationLevel.readCommitted.rawValue,
            "allow.auto.create.topics": "false",
        ])
        handle = try ClientHandle(.admin, settings, events: 0, logger: logger, operation: "make an admin client")
        thread = BlockingThread(name: "kafka-admin")
        self.settings = settings
        self.logger = logger
    }

    deinit {
        let handle = handle
        thread.finish { handle.destroy() }
    }

    /// Creates topics; each has its own outcome, in the order given. One that exists already is no error.
    /// - Throws: `KafkaError` when the request as a whole failed.
    public func createTopics(_ specifications: [TopicSpecification]) async throws -> [TopicCreation] {
        try await run("create topics") { try $0.createTopics(specifications, $1) }
    }

    /// All topics, by name. Empty topics names of Kafka itself (`__consumer_offsets`) are included.
    public func topics() async throws -> [TopicDescription] {
        try await run("list topics") { try $0.cluster($1, "list topics").topics }
    }

    /// Deletes topics with all their records. One that does not exist is no error.
    public func deleteTopics(_ names: [String]) async throws {
        try await run("delete topics") { try $0.deleteTopics(names, $1) }
    }

    /// The configuration in force for a topic; values that the broker keeps secret are left out.
    public func describeTopicConfiguration(_ topic: String) async throws -> [String: String] {
        try await run("describe topic \(topic)") { try $0.topicConfiguration(topic, $1) }
    }

    /// The configuration of a broker; values that it keeps secret are left out.
    public func describeBrokerConfiguration(_ id: Int32) async throws -> [String: String] {
        try await run("describe broker \(id)") { try $0.brokerConfiguration(id, $1) }
    }

    /// A group's committed offsets with their metadata; partitions without one are left out.
    public func committedOffsets(group: String, partitions: [TopicPartition]) async throws -> [CommittedOffset] {
        try await run("read offsets of group \(group)") { [self] _, patience in
            try committedOffsets(of: group, partitions, patience)
        }
    }

    /// Asks with a client that bears the group's name and never joins it. librdkafka 2.0.2 takes a name for granted
    /// when a coordinator answers that it is none any more: without one, that answer ends the process.
    private func committedOffsets(
        of group: String, _ partitions: [TopicPartition], _ patience: Patience
    ) throws -> [CommittedOffset] {
        var settings = settings
        settings.set(["group.id": group])
        let named = try ClientHandle(
            .admin, settings, events: 0, logger: logger, operation: "make a client of group \(group)")
        defer { named.destroy() }
        return try named.committedOffsets(of: group, partitions, patience)
    }

    /// Where readers of committed records end now.
    public func endOffsets(_ partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        try await run("look up the ends of partitions") { try $0.offsets(partitions, time: TimeQuery.end, $1) }
    }

    /// How far a group is behind, per partition.
    public func lag(group: String, partitions: [TopicPartition]) async throws -> [PartitionLag] {
        try await run("read the lag of group \(group)") { [self] handle, patience in
            let offsets = try committedOffsets(of: group, partitions, patience)
            let committed = Dictionary(offsets.map { ($0.topicPartition, $0.offset) }) { _, last in last }
            let beginnings = try handle.offsets(partitions, time: TimeQuery.beginning, patience)
            let ends = try handle.offsets(partitions, time: TimeQuery.end, patience)
            return partitions.map { partition in
                PartitionLag(
                    topicPartition: partition, committed: committed[partition],
                    beginning: beginnings[partition] ?? 0, end: ends[partition] ?? 0)
            }
        }
    }

    func run<Value: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (ClientHandle, Patience) throws -> Value
    ) async throws -> Value {
        let handle = handle
        return try await thread.run(operation, patience: Patience(handle, .seconds(30))) { patience in
            // Nobody polls this client otherwise, and its reports of lost connections would pile up.
            defer { handle.drainCallbacks() }
            return try body(handle, patience)
        }
    }

    /// Frees everything.
    public func close() async {
        let (handle, ended) = (handle, ended)
        handle.beginClosing()
        thread.finish {
            handle.destroy()
            ended.signal()
        }
        await ended.wait()
    }
}
