// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("Hostile clients", .timeLimit(.minutes(2)))
struct HostileClientTests {
    @Test("A request that stays incomplete ends its connection and no other")
    func halfRequest() async throws {
        try await BrokerFixture.with {
            $0.limits.requestReceiveTimeout = .milliseconds(100)
        } _: { fixture async throws in
            let slow = try await HostileClient(fixture.address)
            try await slow.send([0, 0, 1, 0, 0, 18])
            try await slow.closed()
            #expect(try await fixture.createTopic("t") == .none)
        }
    }

    @Test("A client that asks and never reads is closed, and what waited for it is let go")
    func neverReads() async throws {
        try await BrokerFixture.with {
            $0.limits.unreadAnswerTimeout = .milliseconds(200)
        } _: { fixture async throws in
            _ = try await fixture.createTopic("t")
            let batch = TestBatch(values: [String(repeating: "x", count: 900_000)])
            for _ in 0..<16 { #expect(try await fixture.produce(batch, to: "t").error == .none) }
            let deaf = try await HostileClient(fixture.address, reads: false)
            var fetch = FetchRequest(maxBytes: .max)
            fetch.topics = [.init(name: "t", partitions: [.init(fetchOffset: 0, maxBytes: .max)])]
            for _ in 0..<40 { try await deaf.send(fetch) }
            try await deaf.closedUnread()
            #expect(try await fixture.fetch("t", from: 0, maxBytes: 16 << 20).batches?.count ?? 0 > 900_000)
        }
    }

    @Test("A crowd of refused versions is answered in order, one by one")
    func refusedVersions() async throws {
        try await BrokerFixture.with { fixture async throws in
            var frame = ByteBuffer(bytes: [0, 0, 0, 10, 0, 18, 0, 99, 0, 0, 0, 7, 0xFF, 0xFF])
            let one = frame
            for _ in 0..<20_000 { frame.writeImmutableBuffer(one) }
            let client = try await HostileClient(fixture.address)
            try await client.send(Array(frame.readableBytesView))
            #expect(try await fixture.createTopic("t") == .none)
        }
    }

    @Test("At the limit of connections a new one takes the place of a silent one, never of one that works")
    func displacement() async throws {
        try await BrokerFixture.with {
            $0.limits.maxConnections = 3
            $0.limits.silenceGrace = .zero
        } _: { fixture async throws in
            #expect(try await fixture.createTopic("t") == .none)
            let silent = [try await HostileClient(fixture.address), try await HostileClient(fixture.address)]
            let administrator = try await TestClient(fixture.address)
            #expect(try await administrator.send(ListGroupsRequest()).error == .none)
            try await silent[0].closed()
            let second = try await TestClient(fixture.address)
            #expect(try await second.send(ListGroupsRequest()).error == .none)
            try await silent[1].closed()
            // All three have sent requests now.
            try await HostileClient(fixture.address).closed()
            #expect(try await fixture.fetch("t", from: 0).error == .none)
        }
    }

    @Test("An address has a limit of its own")
    func perAddress() async throws {
        try await BrokerFixture.with {
            $0.limits.maxConnectionsPerIP = 1
        } _: { fixture async throws in
            #expect(try await fixture.createTopic("t") == .none)
            try await HostileClient(fixture.address).closed()
        }
    }

    @Test("Requests together hold no more memory than allowed, and all are served in the end")
    func requestMemory() async throws {
        try await BrokerFixture.with {
            $0.limits.queuedMaxRequestBytes = 1 << 20
        } _: { fixture async throws in
            _ = try await fixture.createTopic("t")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        let batch = TestBatch(values: [String(repeating: "x", count: 600_000)])
                        let client = try await TestClient(fixture.address)
                        var each = fixture
                        each.client = client
                        #expect(try await each.produce(batch, to: "t").error == .none)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await fixture.fetch("t", from: 0).highWatermark == 12)
        }
    }

    @Test("An idle connection is closed after a time, one that waits for an answer is not")
    func idle() async throws {
        try await BrokerFixture.with {
            $0.limits.connectionsMaxIdle = .milliseconds(200)
        } _: { fixture async throws in
            let idle = try await HostileClient(fixture.address)
            let worker = try await TestClient(fixture.address)
            _ = try await worker.send(
                CreateTopicsRequest(topics: [.init(name: "t", partitionCount: 1, replicationFactor: 1)]))
            var waiting = FetchRequest(maxWaitMilliseconds: 1000, minBytes: 1)
            waiting.topics = [.init(name: "t", partitions: [.init(fetchOffset: 0, maxBytes: 1000)])]
            async let answer = worker.send(waiting)
            try await idle.closed()
            #expect(try await answer.error == .none)
        }
    }
}
