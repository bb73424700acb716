// SPDX-License-Identifier: Apache-2.0

import Baton
import EmbeddedBroker
import Foundation
import Kafka
import Logging

@testable import RelayClients

/// A broker of a test's own, as commands reach it.
struct RelayBench: Sendable {
    let access: KafkaAccess

    static func with(
        _ change: (inout BrokerConfiguration) -> Void = { _ in }, _ body: (RelayBench) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "relay-cli-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var configuration = BrokerConfiguration(dataDirectory: directory.path)
        configuration.fsync = .never
        configuration.autoCreateTopics = false
        change(&configuration)
        let broker = EmbeddedBroker(configuration, logger: silent)
        let address = try await broker.start()
        let kafka = KafkaConfiguration(bootstrapServers: ["\(address)"], clientID: "relay-test")
        do {
            try await body(RelayBench(access: KafkaAccess(kafka: kafka, topics: Topics())))
        } catch {
            await broker.shutdown()
            throw error
        }
        await broker.shutdown()
    }

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    func create(_ topics: [TopicSpecification]) async throws {
        let admin = try KafkaAdmin(access.kafka, logger: Self.silent)
        for creation in try await admin.createTopics(topics) { try creation.get() }
        await admin.close()
    }
}
