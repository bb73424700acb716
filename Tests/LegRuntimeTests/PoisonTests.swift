// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Operations
import Synchronization
import TestSupport
import Testing

@testable import LegRuntime

@Suite("Poison records and stuck processors on a broker", .serialized, .timeLimit(.minutes(3)))
struct PoisonTests {
    private func processor(
        _ bench: Bench, _ processor: any RecordProcessor, _ environment: [String: String] = [:]
    ) throws -> (TransactionalProcessor, ProcessContext) {
        let context = try bench.context("a", service: "captain", environment: environment)
        return (
            try TransactionalProcessor(
                context: context, name: "picky", topics: [bench.topics.inbox], group: bench.topics.captainGroup,
                tick: nil, processor: processor), context
        )
    }

    private func inbox(_ bench: Bench, _ numbers: Range<Int>) async throws {
        try await bench.write(
            numbers.map {
                ProducerRecord(
                    topic: bench.topics.inbox, partition: 0, key: Array("k\($0)".utf8), value: Array("\($0)".utf8),
                    headers: [KafkaHeader(name: "x", text: "y")])
            })
    }

    private func text(_ record: ConsumerRecord) -> String { String(decoding: record.value ?? [], as: UTF8.self) }

    private func header(_ record: ConsumerRecord?, _ name: String) -> String? {
        record?.headers.last { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "A record whose processing throws is tried a bounded number of times, set aside once, and the others count once"
    )
    func throwing() async throws {
        try await Bench.with { bench in
            try await inbox(bench, 0..<20)
            let picky = Picky(bench.topics.batons, throwsFor: "7")
            let (service, context) = try processor(bench, picky)
            try await bench.running(service) {
                _ = try await bench.read(bench.topics.batons) { $0.count >= 19 }
                _ = try await bench.read(bench.topics.deadLetters) { !$0.isEmpty }
            }
            #expect(context.metrics.exposition().contains("relay_dead_letters_total 1\n"))
            // A successor begins behind all of it.
            try await inbox(bench, 20..<21)
            try await bench.running(try processor(bench, picky).0) {
                _ = try await bench.read(bench.topics.batons) { $0.count >= 20 }
            }
            let values = try await bench.read(bench.topics.batons) { _ in true }.map(text)
            #expect(values.sorted() == (0...20).filter { $0 != 7 }.map(String.init).sorted())
            let letters = try await bench.read(bench.topics.deadLetters) { _ in true }
            #expect(letters.map(text) == ["7"])
            #expect(header(letters.first, "relay_attempts") == "3")
            #expect(header(letters.first, "relay_reader") == "captain.picky")
            #expect(header(letters.first, "x") == "y")
            #expect(picky.triedAlone == 3)
            #expect(picky.provisional == 0)
        }
    }

    @Test("A letter that the processor itself writes is counted as one")
    func ownLetter() async throws {
        try await Bench.with { bench in
            try await inbox(bench, 0..<3)
            let (service, context) = try processor(bench, Picky(bench.topics.deadLetters))
            try await bench.running(service) {
                _ = try await bench.read(bench.topics.deadLetters) { $0.count >= 3 }
            }
            #expect(context.metrics.exposition().contains("relay_dead_letters_total 3\n"))
        }
    }

    @Test("A record that is refused is set aside at the first attempt")
    func refused() async throws {
        try await Bench.with { bench in
            try await inbox(bench, 0..<5)
            let picky = Picky(bench.topics.batons, throwsFor: "3", with: Refusal("never"))
            try await bench.running(try processor(bench, picky).0) {
                _ = try await bench.read(bench.topics.batons) { $0.count >= 4 }
                let letters = try await bench.read(bench.topics.deadLetters) { !$0.isEmpty }
                #expect(header(letters.first, "relay_attempts") == "1")
                #expect(header(letters.first, "relay_reason")?.contains("never") == true)
            }
        }
    }

    @Test("Too many in a row end the process, and what comes after them is not set aside but left to a better release")
    func streak() async throws {
        try await Bench.with { bench in
            try await inbox(bench, 0..<30)
            let wrong = Picky(bench.topics.batons, throwsFrom: 3)
            let (service, _) = try processor(bench, wrong, ["RELAY_POISON_STREAK": "5", "RELAY_POISON_ATTEMPTS": "1"])
            let error = await #expect(throws: NothingIsProcessed.self) { try await service.run() }
            #expect(error?.count == 5)
            let letters = try await bench.read(bench.topics.deadLetters) { $0.count >= 5 }
            #expect(letters.compactMap { Int(text($0)) }.sorted() == Array(3..<8))
            let right = Picky(bench.topics.batons)
            try await bench.running(try processor(bench, right).0) {
                _ = try await bench.read(bench.topics.batons) { $0.count >= 25 }
            }
            let values = try await bench.read(bench.topics.batons) { _ in true }
            #expect(values.compactMap { Int(text($0)) }.sorted() == Array(0..<3) + Array(8..<30))
        }
    }

    @Test("Many that are not in a row do not end the process")
    func scattered() async throws {
        try await Bench.with { bench in
            try await inbox(bench, 0..<16)
            let picky = Picky(bench.topics.batons, throwsForOdd: true)
            let (service, _) = try processor(bench, picky, ["RELAY_POISON_STREAK": "1", "RELAY_POISON_ATTEMPTS": "1"])
            try await bench.running(service) {
                let letters = try await bench.read(bench.topics.deadLetters) { $0.count >= 8 }
                #expect(letters.compactMap { Int(text($0)) }.sorted() == Array(stride(from: 1, to: 16, by: 2)))
            }
        }
    }

    @Test("A record whose output no broker takes is set aside, and the others count")
    func tooLarge() async throws {
        try await Bench.with { bench in
            try await inbox(bench, 0..<8)
            let picky = Picky(bench.topics.batons, swellsFor: "2")
            try await bench.running(try processor(bench, picky, ["RELAY_POISON_ATTEMPTS": "2"]).0) {
                _ = try await bench.read(bench.topics.batons) { $0.count >= 7 }
                let letters = try await bench.read(bench.topics.deadLetters) { !$0.isEmpty }
                #expect(letters.map(text) == ["2"])
                #expect(header(letters.first, "relay_attempts") == "2")
            }
        }
    }

    @Test("A processor that hangs is unready with the reason, and then ends the process")
    func hangs() async throws {
        try await Bench.with { bench in
            try await inbox(bench, 0..<3)
            let picky = Picky(bench.topics.batons, hangsFor: "1")
            let (service, context) = try processor(
                bench, picky, ["RELAY_STALL_AFTER": "200ms", "RELAY_STALL_LIMIT": "1s"])
            let error = await #expect(throws: ReaderStalled.self) { try await service.run() }
            #expect(error?.reason.contains("relay.inbox[0]") == true)
            #expect(context.readiness.parts.contains { $0.part == "picky lag" && !$0.ready })
            picky.release()
        }
    }

    @Test("A topic that is read to its end has no lag, although its last offset is a marker that nobody commits")
    func noLag() async throws {
        try await Bench.with { bench in
            try await ensureTopics(bench.context("admin"))
            let producer = try TransactionalProducer(
                bench.context("writer").kafka, transactionalID: "w", transactionTimeout: .seconds(10),
                logger: bench.logger)
            try await producer.initialise()
            try await producer.commit([
                ProducerRecord(topic: bench.topics.inbox, partition: 0, key: [1], value: Array("1".utf8))
            ])
            await producer.close()
            let picky = Picky(bench.topics.batons)
            let (service, context) = try processor(bench, picky, ["RELAY_STALL_AFTER": "100ms"])
            try await bench.running(service) {
                _ = try await bench.read(bench.topics.batons) { !$0.isEmpty }
                try await eventually(within: .seconds(30), "a lag of 0") {
                    context.metrics.exposition().contains("relay_consumer_lag_records{topic=\"relay.inbox\"} 0")
                        ? () : nil
                }
            }
        }
    }
}

/// Writes values on, except for one that it cannot.
private final class Picky: RecordProcessor {
    private struct Failure: Error {}
    private struct State {
        var triedAlone = 0
        var provisional = 0
    }

    private let output: String
    private let isBad: @Sendable (String) -> Bool
    private let error: any Error
    private let swelling: String?
    private let hanging: String?
    private let gate = Flag()
    private let state = Mutex(State())

    init(
        _ output: String, throwsFor bad: String? = nil, throwsFrom first: Int = .max, throwsForOdd: Bool = false,
        with error: any Error = Failure(), swellsFor swelling: String? = nil, hangsFor hanging: String? = nil
    ) {
        self.output = output
        isBad = { text in
            let number = Int(text) ?? 0
            return text == bad || number >= first || (throwsForOdd && number % 2 == 1)
        }
        self.error = error
        self.swelling = swelling
        self.hanging = hanging
    }

    var triedAlone: Int { state.withLock { $0.triedAlone } }
    /// Records folded since the last settlement.
    var provisional: Int { state.withLock { $0.provisional } }
    func release() { gate.set() }

    func assigned(_ partitions: [TopicPartition]) async throws {}
    func revoked(_ partitions: [TopicPartition]) async {}
    func settle(committed: Bool) async { state.withLock { $0.provisional = 0 } }

    func process(_ records: [ConsumerRecord], now: Timestamp) async throws -> Outputs {
        var outputs = Outputs()
        for record in records {
            let text = String(decoding: record.value ?? [], as: UTF8.self)
            if text == hanging { await Task.detached { [gate] in await gate.wait() }.value }
            if isBad(text) {
                if records.count == 1 { state.withLock { $0.triedAlone += 1 } }
                throw error
            }
            state.withLock { $0.provisional += 1 }
            let value = text == swelling ? Array(repeating: UInt8(0), count: 2_000_000) : record.value
            outputs.records.append(ProducerRecord(topic: output, key: record.key, value: value))
        }
        return outputs
    }

}
