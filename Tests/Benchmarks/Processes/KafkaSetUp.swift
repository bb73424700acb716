// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka
import Kafka
import Logging

/// Topics and records that a measurement starts from.
struct KafkaSetUp: Sendable {
    let servers: String

    private func admin<Value>(_ body: (KafkaAdmin) async throws -> Value) async throws -> Value {
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let admin = try KafkaAdmin(
            KafkaConfiguration(bootstrapServers: servers.split(separator: ",").map(String.init), clientID: "bench"),
            logger: logger)
        do {
            let value = try await body(admin)
            await admin.close()
            return value
        } catch {
            await admin.close()
            throw error
        }
    }

    func create(_ topic: String, partitions: Int = 8) async throws {
        try await admin { admin in
            let specification = TopicSpecification(name: topic, partitions: partitions, replicationFactor: -1)
            for creation in try await admin.createTopics([specification]) { try creation.get() }
        }
    }

    func delete(_ topic: String) async throws {
        try await admin { try await $0.deleteTopics([topic]) }
    }

    /// Fills a topic evenly; blocks.
    func fill(_ topic: String, records: Int, bytes: Int, partitions: Int = 8) throws {
        let producer = try LoadProducer(servers, topic: topic, lingerMilliseconds: 20)
        try producer.write(records, bytes: bytes, partitions: partitions)
    }
}
