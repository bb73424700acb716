// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Kafka

@Suite("Clients for the time of a closure", .timeLimit(.minutes(2)))
struct ClientScopeTests {
    private struct Refused: Error {}

    private let cluster: MockCluster

    init() throws {
        cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 1)
    }

    /// Expects of a client that it is closed.
    private func expectClosed(_ use: () async throws -> Void) async {
        let error = await #expect(throws: KafkaError.self) { try await use() }
        #expect(error?.code == .closed)
    }

    @Test("An admin client gives what its body gives, and is closed then")
    func admin() async throws {
        var kept: KafkaAdmin?
        let names = try await cluster.configuration().withAdmin(logger: silent) { admin in
            kept = admin
            return try await admin.topics().map(\.name)
        }
        #expect(names.contains("t"))
        let admin = try #require(kept)
        await expectClosed { _ = try await admin.topics() }
    }

    @Test("An admin client is closed too when its body fails, with the body's own error")
    func failingAdmin() async throws {
        var kept: KafkaAdmin?
        await #expect(throws: Refused.self) {
            try await cluster.configuration().withAdmin(logger: silent) { admin in
                kept = admin
                throw Refused()
            }
        }
        let admin = try #require(kept)
        await expectClosed { _ = try await admin.topics() }
    }

    @Test("A reader and a producer are closed whether their bodies end well or fail")
    func readerAndProducer() async throws {
        var (reader, producer): (PartitionReader?, KafkaProducer?)
        try await cluster.configuration().withProducer(logger: silent) {
            producer = $0
            _ = try await $0.send(.text("t", "a", partition: 0))
        }
        await #expect(throws: Refused.self) {
            try await cluster.configuration().withPartitionReader(logger: silent) {
                reader = $0
                throw Refused()
            }
        }
        let (closedReader, closedProducer) = (try #require(reader), try #require(producer))
        await expectClosed { _ = try await closedReader.poll(maximum: 1, timeout: .milliseconds(10)) }
        await expectClosed { _ = try await closedProducer.send(.text("t", "b", partition: 0)) }
    }
}
