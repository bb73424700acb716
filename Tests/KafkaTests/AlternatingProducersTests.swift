// SPDX-License-Identifier: Apache-2.0

import EmbeddedBroker
import Testing

@testable import Kafka

@Suite("Producers that take turns", .timeLimit(.minutes(3)))
struct AlternatingProducersTests {
    private let input = TopicPartition(topic: "in", partition: 0)

    /// A broker that writes markers late, as Apache Kafka does: later for the first id of a pair than for the second.
    private func withLateMarkers(
        first: Duration, second: Duration, _ body: (BrokerFixture) async throws -> Void
    ) async throws {
        try await BrokerFixture.with(
            topics: ["in": 1, "out": 1], configure: { $0.markerDelay = { $0.hasSuffix(".0") ? first : second } }, body)
    }

    private func offset(_ offset: Int64) -> [CommittedOffset] {
        [CommittedOffset(topicPartition: input, offset: offset)]
    }

    @Test("Two in turn do not wait for markers, one alone does")
    func markers() async throws {
        // Later than any test runs: whoever waits for them fails.
        try await withLateMarkers(first: .seconds(3600), second: .seconds(3600)) { broker in
            let pair = try await broker.alternating("pair", count: 2)
            for value in ["a", "b"] { try await pair.commit([.text("out", value)]) }
            #expect(try await broker.values("out").isEmpty)
            let alone = try await broker.alternating("alone", count: 1, timeout: .seconds(1))
            try await alone.commit([.text("out", "c")])
            await #expect(throws: KafkaError.self) { try await alone.commit([.text("out", "d")]) }
            await pair.close()
            await alone.close()
        }
    }

    @Test("Turns begin when a coordinator makes the first one wait for markers, and not before")
    func begins() async throws {
        try await withLateMarkers(first: .milliseconds(200), second: .seconds(3600)) { broker in
            let group = try ConsumerGroupMetadata(group: "g")
            let producers = try await broker.alternating("pair", count: 2, takesTurns: false)
            try await producers.commit([.text("out", "a")], offsets: offset(1), group: group)
            #expect(!producers.takesTurns)
            try await producers.commit([.text("out", "b")], offsets: offset(2), group: group)
            #expect(producers.takesTurns)
            for number in 3...4 {
                try await producers.commit([.text("out", "\(number)")], offsets: offset(Int64(number)), group: group)
            }
            await producers.close()
        }
    }

    @Test("One producer goes on alone where nobody has to wait")
    func alone() async throws {
        try await BrokerFixture.with(topics: ["in": 1, "out": 1]) { broker in
            let group = try ConsumerGroupMetadata(group: "g")
            let producers = try await broker.alternating("pair", count: 2, takesTurns: false)
            for number in 1...20 {
                try await producers.commit([.text("out", "\(number)")], offsets: offset(Int64(number)), group: group)
            }
            #expect(!producers.takesTurns)
            await producers.close()
        }
    }

    @Test("The offsets of a transaction are never overtaken by those of the one before, whichever is marked first")
    func newestWins() async throws {
        try await withLateMarkers(first: .milliseconds(300), second: .milliseconds(1)) { broker in
            try await broker.produce((0..<4).map { .text("in", "\($0)") })
            let consumer = try broker.consumer("c", topics: ["in"])
            _ = try await consumer.read(4)
            let producers = try await broker.alternating("pair", count: 2)
            for number in 1...4 {
                let group = try await consumer.groupMetadata()
                try await producers.commit(
                    [.text("out", "\(number)")], offsets: offset(Int64(number)), group: group)
            }
            // Unstable until every marker is written; then it must be the last one's.
            #expect(try await consumer.committed([input]) == offset(4))
            await consumer.close()
            await producers.close()
            #expect(try await broker.values("out") == ["1", "2", "3", "4"])
        }
    }

    @Test("A successor gets offsets only when all predecessors' transactions are marked")
    func unstableOffsets() async throws {
        try await withLateMarkers(first: .milliseconds(400), second: .milliseconds(400)) { broker in
            try await broker.produce((0..<3).map { .text("in", "\($0)") })
            let first = try broker.consumer("c1", topics: ["in"])
            _ = try await first.read(3)
            let producers = try await broker.alternating("pair", count: 2)
            for number in 1...2 {
                let group = try await first.groupMetadata()
                try await producers.commit([.text("out", "\(number)")], offsets: offset(Int64(number)), group: group)
            }
            await first.close()
            let second = try broker.consumer("c2", topics: ["in"])
            #expect(try await second.read(1).map(\.text) == ["2"])
            await second.close()
            await producers.close()
        }
    }

    @Test("What is decided and not marked yet is restored by who takes over")
    func restored() async throws {
        try await withLateMarkers(first: .milliseconds(300), second: .milliseconds(300)) { broker in
            let producers = try await broker.alternating("pair", count: 2)
            for number in 1...2 { try await producers.commit([.text("out", "\(number)")]) }
            let reader = try PartitionReader(broker.configuration("r"), logger: silent)
            var values: [String] = []
            try await reader.readAll([TopicPartition(topic: "out", partition: 0)]) { values += $0.map(\.text) }
            #expect(values == ["1", "2"])
            await reader.close()
            await producers.close()
        }
    }

    @Test("A successor fences both before its first transaction, and the loser ends as a whole")
    func fencing() async throws {
        try await BrokerFixture.with(topics: ["in": 1, "out": 1]) { broker in
            let old = try await broker.alternating("same", count: 2)
            for value in ["a", "b"] { try await old.commit([.text("out", value)]) }
            let new = try await broker.alternating("same", count: 2)
            for _ in 0..<3 {
                let error = await #expect(throws: KafkaError.self) { try await old.commit([.text("out", "zombie")]) }
                #expect(error?.isFatal == true)
                #expect(error?.code == .fenced)
            }
            for value in ["c", "d"] { try await new.commit([.text("out", value)]) }
            #expect(try await broker.values("out") == ["a", "b", "c", "d"])
            await old.close()
            await new.close()
        }
    }

    @Test("After an abort the next transaction goes on with the other, and then both go on")
    func aborted() async throws {
        try await withLateMarkers(first: .milliseconds(20), second: .milliseconds(20)) { broker in
            let producers = try await broker.alternating("pair", count: 2)
            try await producers.commit([.text("out", "a")])
            let error = await #expect(throws: KafkaError.self) {
                try await producers.commit([.text("out", "lost"), .text("out", "nowhere", partition: 7)])
            }
            #expect(error?.requiresAbort == true)
            for value in ["b", "c", "d"] { try await producers.commit([.text("out", value)]) }
            #expect(try await broker.values("out", waitingForTransactions: true) == ["a", "b", "c", "d"])
            await producers.close()
        }
    }

    @Test("An unknown outcome ends both, and successors settle it before they begin")
    func unknownOutcome() async throws {
        try await BrokerFixture.with(topics: ["in": 1, "out": 1]) { broker in
            let old = try await broker.alternating("same", count: 2, timeout: .seconds(1))
            for value in ["a", "b"] { try await old.commit([.text("out", value)]) }
            try await broker.restart {
                let error = await #expect(throws: KafkaError.self) { try await old.commit([.text("out", "lost")]) }
                #expect(error?.code == .outcomeUnknown)
            } _: {
                for _ in 0..<2 {
                    let error = await #expect(throws: KafkaError.self) { try await old.commit([.text("out", "no")]) }
                    #expect(error?.code == .outcomeUnknown)
                }
                await old.close()
                let new = try await broker.alternating("same", count: 2)
                for value in ["c", "d"] { try await new.commit([.text("out", value)]) }
                #expect(try await broker.values("out") == ["a", "b", "c", "d"])
                await new.close()
            }
        }
    }

    @Test("A transaction does not begin before the outcome of the one before is known, nor before all are initialised")
    func order() async throws {
        try await BrokerFixture.with(topics: ["in": 1, "out": 1]) { broker in
            let fresh = try AlternatingProducers(
                broker.configuration("pair"), transactionalID: "pair", count: 2, transactionTimeout: .seconds(10),
                logger: silent)
            let early = await #expect(throws: KafkaError.self) { try await fresh.commit([.text("out", "early")]) }
            #expect(early?.code == .invalidState)
            try await fresh.initialise()
            let attempts = (0..<20).map { number in
                Task { () -> Bool in
                    do { try await fresh.commit([.text("out", "\(number)")]) } catch { return false }
                    return true
                }
            }
            var committed = 0
            for attempt in attempts where await attempt.value { committed += 1 }
            let written = try await broker.values("out").count
            #expect(written == committed)
            #expect(written > 0)
            await fresh.close()
        }
    }
}

extension BrokerFixture {
    func alternating(
        _ id: String, count: Int, takesTurns: Bool = true, timeout: Duration = .seconds(10)
    ) async throws -> AlternatingProducers {
        let producers = try AlternatingProducers(
            configuration(id), transactionalID: id, count: count, takesTurns: takesTurns,
            transactionTimeout: timeout, logger: silent)
        try await producers.initialise()
        return producers
    }
}
