// SPDX-License-Identifier: Apache-2.0

import EmbeddedBroker
import Foundation
import Kafka
import Logging

/// An embedded broker of one's own on a free port, with a data directory that is removed at the end.
final class BrokerFixture: Sendable {
    let directory: String
    private let address: BoundAddress
    private let first: EmbeddedBroker

    private init(directory: String, address: BoundAddress, first: EmbeddedBroker) {
        self.directory = directory
        self.address = address
        self.first = first
    }

    /// Runs `body` with a broker that has these topics.
    static func with(
        topics: [String: Int] = [:], configure: (inout BrokerConfiguration) -> Void = { _ in },
        _ body: (BrokerFixture) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("kafka-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var configuration = BrokerConfiguration(dataDirectory: directory)
        configuration.autoCreateTopics = false
        configure(&configuration)
        let broker = EmbeddedBroker(configuration, logger: silent)
        let fixture = BrokerFixture(directory: directory, address: try await broker.start(), first: broker)
        do {
            try await fixture.create(topics)
            try await body(fixture)
        } catch {
            await broker.shutdown()
            throw error
        }
        await broker.shutdown()
    }

    func create(_ topics: [String: Int]) async throws {
        let admin = try KafkaAdmin(configuration("admin"), logger: silent)
        let specifications = topics.map { TopicSpecification(name: $0.key, partitions: $0.value, replicationFactor: 1) }
        for creation in try await admin.createTopics(specifications) { try creation.get() }
        await admin.close()
    }

    func configuration(_ client: String) -> KafkaConfiguration {
        KafkaConfiguration(bootstrapServers: ["127.0.0.1:\(address.port)"], clientID: client)
    }

    /// Stops the broker, runs `meanwhile`, and goes on with a new one on the same port and data until `body` ends.
    func restart(meanwhile: () async throws -> Void, _ body: () async throws -> Void) async throws {
        await first.shutdown()
        try await meanwhile()
        var configuration = BrokerConfiguration(dataDirectory: directory, port: address.port)
        configuration.autoCreateTopics = false
        let second = EmbeddedBroker(configuration, logger: silent)
        _ = try await second.start()
        do {
            try await body()
        } catch {
            await second.shutdown()
            throw error
        }
        await second.shutdown()
    }

    func consumer(
        _ name: String, topics: [String], handler: any RebalanceHandler = RecordingHandler(),
        sessionTimeout: Duration = .seconds(6)
    ) throws -> GroupConsumer {
        let group = ConsumerGroupConfiguration(group: "g", topics: topics, sessionTimeout: sessionTimeout)
        return try GroupConsumer(configuration(name), group: group, rebalance: handler, logger: silent)
    }

    func transactional(_ id: String = "leg", timeout: Duration = .seconds(10)) async throws -> TransactionalProducer {
        let producer = try TransactionalProducer(
            configuration(id), transactionalID: id, transactionTimeout: timeout, logger: silent)
        try await producer.initialise()
        return producer
    }

    func produce(_ records: [ProducerRecord]) async throws {
        let producer = try KafkaProducer(configuration("producer"), logger: silent)
        for record in records { _ = try await producer.send(record) }
        await producer.close(timeout: .seconds(5))
    }

    /// The values of a topic's only partition, as seen with this isolation.
    func values(
        _ topic: String, _ isolation: IsolationLevel = .readCommitted, waitingForTransactions: Bool = false
    ) async throws -> [String] {
        let reader = try PartitionReader(configuration("reader"), logger: silent, isolation: isolation)
        var values: [String] = []
        let partitions = [TopicPartition(topic: topic, partition: 0)]
        if waitingForTransactions {
            try await reader.readAll(partitions) { values += $0.map(\.text) }
        } else {
            try await reader.readToEnd(partitions) { values += $0.map(\.text) }
        }
        await reader.close()
        return values
    }
}
