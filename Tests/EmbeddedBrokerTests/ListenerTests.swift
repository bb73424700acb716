// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EmbeddedBroker

@Suite("A listener", .timeLimit(.minutes(1)))
struct ListenerTests {
    private let elsewhere = BoundAddress(host: "proxy.example", port: 19092)

    @Test("tells its clients its own address, unless it advertises another")
    func own() async throws {
        try await BrokerFixture.with { fixture async throws in
            #expect(try await told(fixture) == Array(repeating: fixture.address, count: 3))
        }
    }

    @Test("tells its clients the address that it advertises, whatever they ask")
    func advertised() async throws {
        try await BrokerFixture.with {
            $0.listeners = [.init(host: "127.0.0.1", port: 0, advertised: elsewhere)]
        } _: { fixture async throws in
            #expect(try await told(fixture) == Array(repeating: elsewhere, count: 3))
        }
    }

    /// The broker's address by each request that tells it.
    private func told(_ fixture: BrokerFixture) async throws -> [BoundAddress] {
        let metadata = try await fixture.client.send(MetadataRequest(topics: []))
        let cluster = try await fixture.client.send(DescribeClusterRequest())
        let coordinator = try await fixture.client.send(FindCoordinatorRequest(keys: ["group"]))
        return try [
            #require(metadata.brokers.first.map { BoundAddress(host: $0.host, port: Int($0.port)) }),
            #require(cluster.brokers.first.map { BoundAddress(host: $0.host, port: Int($0.port)) }),
            #require(coordinator.coordinators.first.map { BoundAddress(host: $0.host, port: Int($0.port)) }),
        ]
    }
}
