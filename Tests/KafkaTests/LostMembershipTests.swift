// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Kafka

@Suite("Static members that lose their session", .timeLimit(.minutes(2)))
struct LostMembershipTests {
    let input = TopicPartition(topic: "in", partition: 0)

    @Test("One that is fenced by its own heartbeat gives up what it had, and joins again")
    func fencedByItself() async throws {
        try await losingItsSession { broker, consumer, handler in
            try await broker.produce([.text("in", "b")])
            #expect(try await consumer.read(1).map(\.text) == ["b"])
            #expect(
                await handler.events == [
                    .assigned([input], committed: []), .revoked([input], lost: true),
                    .assigned([input], committed: []),
                ])
            await consumer.close()
        }
    }

    @Test("One that has joined again is fenced by a second one with its id as any other")
    func fencedByAnother() async throws {
        try await losingItsSession { broker, consumer, _ in
            let second = try member(of: broker, RecordingHandler())
            #expect(try await second.read(1).map(\.text) == ["a"])
            let error = await #expect(throws: KafkaError.self) {
                while true { _ = try await consumer.poll(maximum: 1, timeout: .seconds(1)) }
            }
            #expect(error?.isFatal == true && error?.code == .fenced)
            await consumer.close()
            await second.close()
        }
    }

    private func member(of broker: BrokerFixture, _ handler: RecordingHandler) throws -> GroupConsumer {
        let group = ConsumerGroupConfiguration(
            group: "g", instanceID: "same", topics: ["in"], sessionTimeout: .seconds(2))
        return try GroupConsumer(broker.configuration("c"), group: group, rebalance: handler, logger: silent)
    }

    /// Ends a member's session by keeping the broker away, and has it fence itself as soon as the broker is back, which
    /// has kept the session: it answers the loss of its partition only then.
    private func losingItsSession(
        _ body: (BrokerFixture, GroupConsumer, RecordingHandler) async throws -> Void
    ) async throws {
        try await BrokerFixture.with(topics: ["in": 1]) { broker in
            let handler = RecordingHandler()
            let consumer = try member(of: broker, handler)
            try await broker.produce([.text("in", "a")])
            #expect(try await consumer.read(1).map(\.text) == ["a"])
            let lost = AsyncStream<Void>.makeStream()
            await handler.onRevoked { [client = consumer.client] _ in
                lost.continuation.finish()
                // Unless it is fenced there is nothing to be seen: the time limit of the suite ends it then.
                while client.value.fatalFailure("wait") == nil, !Task.isCancelled { await Task.yield() }
            }
            // Awaited below, whichever way the broker's restart goes.
            let polled = Task { try await consumer.poll(maximum: 1, timeout: .seconds(20)).map(\.text) }
            try await broker.restart {
                for await _ in lost.stream {}
            } _: {
                // Nothing is committed, so it begins anew.
                #expect(try await polled.value == ["a"])
                await handler.onRevoked { _ in }
                try await body(broker, consumer, handler)
            }
        }
    }
}
