// SPDX-License-Identifier: Apache-2.0

import Baton
import EmbeddedBroker
import Foundation
import Kafka
import LegRuntime
import Logging
import Operations
import ServiceLifecycle
import TestSupport
import Testing

@testable import Access
@testable import Costs
@testable import GovernanceService
@testable import Ledger

@Suite("Ledger over Kafka", .timeLimit(.minutes(2)))
struct LedgerOverKafkaTests {
    private static let files = Result {
        let rateCard = try RateCard(
            yaml: """
                currency: USD
                prices: {cpuSecond: 1, storedGibibyte: 1, request: 1, movedGibibyte: 1}
                """)
        return GovernanceFiles(policy: try Policy(yaml: PolicyTests.yaml, currency: "USD"), rateCard: rateCard)
    }

    private func quiet() -> Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .error
        return logger
    }

    private func withBroker(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "ledger-\(UUID())")
        let broker = EmbeddedBroker(BrokerConfiguration(dataDirectory: directory.path()), logger: quiet())
        let address = try await broker.start()
        let ended: Result<Void, any Error>
        do { ended = .success(try await body("\(address)")) } catch { ended = .failure(error) }
        await broker.shutdown()
        try FileManager.default.removeItem(at: directory)
        try ended.get()
    }

    private func context(_ broker: String, _ instance: String) throws -> ProcessContext {
        ProcessContext(
            configuration: try ProcessConfiguration.load(
                service: "governance", arguments: ["governance"],
                environment: ["RELAY_KAFKA_BOOTSTRAP_SERVERS": broker, "RELAY_INSTANCE": instance]),
            logger: quiet())
    }

    /// Runs one governance instance's ledger until its books meet a condition.
    /// - Parameter last: what happens before the shutdown.
    private func govern(
        _ context: ProcessContext, until condition: @escaping @Sendable (Books) -> Bool,
        last: () async throws -> Void = {}
    ) async throws {
        try await govern(context) { view, _ in
            let isMet = try await view.wait(noLongerThan: .seconds(60), until: condition)
            #expect(isMet)
            try await last()
        }
    }

    /// Runs one governance instance's ledger for a body.
    private func govern(
        _ context: ProcessContext, _ body: (BooksView, LedgerProcessor) async throws -> Void
    ) async throws {
        let files = try Self.files.get()
        let owned = OwnedChains()
        let view = BooksView(currency: "USD", owned: owned)
        let processor = LedgerProcessor(
            context, files, owned: owned, isBroken: { chain in view.read { $0.breaks[chain] != nil } })
        let ledger = try TransactionalProcessor(
            context: context, name: "ledger", topics: [context.topics.journal, context.topics.usage],
            group: context.topics.ledgerGroup, tick: .seconds(1), drainLimit: .seconds(3), processor: processor)
        let group = ServiceGroup(
            services: [LedgerFollower(context: context, books: view).service, ledger], logger: quiet())
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let ended: Result<Void, any Error>
            do { ended = .success(try await body(view, processor)) } catch { ended = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try ended.get()
        }
    }

    private func publish(_ facts: [LedgerEntry.Fact], _ context: ProcessContext) async throws {
        let producer = try KafkaProducer(context.kafka, logger: quiet())
        for fact in facts {
            let baton = fact.baton?.description ?? ""
            switch fact {
            case .journal(let entry, _):
                _ = try await producer.send(
                    entry.record(
                        topic: context.topics.journal, key: baton, id: entry.id, source: "test", subject: baton,
                        time: entry.at))
            case .quarantine: continue
            case .usage(let usage, _):
                _ = try await producer.send(
                    usage.record(
                        topic: context.topics.usage, key: "research", id: usage.id, source: "test", subject: baton,
                        time: usage.measuredAt))
            }
        }
        await producer.close(timeout: .seconds(5))
    }

    private func records(of topic: String, _ context: ProcessContext) async throws -> [ConsumerRecord] {
        let reader = try PartitionReader(context.kafka, logger: quiet())
        var found: [ConsumerRecord] = []
        try await reader.readToEnd((Int32(0)..<8).map { TopicPartition(topic: topic, partition: $0) }) { found += $0 }
        await reader.close()
        return found
    }

    private func facts(_ numbers: Range<Int>) -> [LedgerEntry.Fact] {
        numbers.flatMap { number -> [LedgerEntry.Fact] in
            let baton = Samples.baton(number % 6)
            let decision = Samples.journal("j\(number)", baton, .requested, actor: "ada")
            return [
                .journal(decision, account: nil),
                .usage(Samples.usage("u\(number)", baton, 1), price: Samples.dollars(0)),
            ]
        }
    }

    @Test("what was told before the shutdown is entered before the end")
    func drained() async throws {
        try await withBroker { broker in
            let context = try context(broker, "g1")
            try await ensureTopics(context)
            try await publish(facts(0..<1), context)
            try await govern(context, until: { $0.length == 2 }) { try await publish(facts(1..<200), context) }
            #expect(try await records(of: context.topics.ledger, context).count == 400)
        }
    }

    @Test("facts are entered once, over a restart and a handover, and the chains hold together")
    func restart() async throws {
        try await withBroker { broker in
            let first = try context(broker, "g1")
            try await ensureTopics(first)
            let early = facts(0..<20)
            try await publish(early + early[0..<7], first)
            try await govern(first) { $0.hold(usage: (0..<20).map { "u\($0)" }) && $0.length == 40 }

            let second = try context(broker, "g2")
            try await publish(early[3..<9] + facts(20..<40), second)
            try await govern(second) { books in
                books.hold(usage: (0..<40).map { "u\($0)" }) && books.length == 80
                    && books.spent(by: "research", inMonthOf: Samples.noon) == Samples.dollars(40_000_000)
            }

            var verifier = LedgerVerifier()
            for record in try await records(of: first.topics.ledger, first) {
                verifier.check(value: record.value ?? [], in: String(record.partition))
            }
            verifier.finish()
            #expect(verifier.violations == [])
            #expect(verifier.count == 80)
        }
    }

    @Test("what cannot be entered goes to the dead letters with the reason")
    func deadLetters() async throws {
        try await withBroker { broker in
            let context = try context(broker, "g1")
            try await ensureTopics(context)
            let producer = try KafkaProducer(context.kafka, logger: quiet())
            _ = try await producer.send(
                ProducerRecord(topic: context.topics.usage, partition: 3, key: nil, value: Array("what".utf8)))
            // In one partition, so that the bad ones have been read when the good one is entered.
            for (id, amount) in [("bad", -1.0), ("good", 1)] {
                _ = try await producer.send(
                    Samples.usage(id, Samples.baton(1), amount).record(
                        topic: context.topics.usage, key: "a", id: id, source: "test", subject: nil,
                        time: Samples.noon, partition: 3))
            }
            await producer.close(timeout: .seconds(5))
            try await govern(context) { $0.hold(usage: ["good"]) }
            let reasons = try await records(of: context.topics.deadLetters, context).map { record in
                String(decoding: record.headers.first { $0.name == "relay_reason" }?.value ?? [], as: UTF8.self)
            }
            #expect(reasons.count == 2)
            #expect(reasons.contains { $0.contains("ce_type is missing") })
            #expect(reasons.contains { $0.contains("-1.0 cpu-seconds is not an amount") })
        }
    }

    @Test("a foreign record stops its chain alone, and put aside it lets the chain go on without a restart")
    func foreign() async throws {
        try await withBroker { broker in
            let context = try context(broker, "g1")
            try await ensureTopics(context)
            try await publish(facts(0..<20), context)
            try await govern(context) { $0.hold(usage: (0..<20).map { "u\($0)" }) && $0.length == 40 }
            let before = try await records(of: context.topics.ledger, context)
            let copied = try #require(before.last)
            let producer = try KafkaProducer(context.kafka, logger: quiet())
            _ = try await producer.send(
                ProducerRecord(
                    topic: copied.topic, partition: copied.partition, key: copied.key, value: copied.value,
                    headers: copied.headers))
            await producer.close(timeout: .seconds(5))
            try await publish(facts(20..<40), context)
            let chain = String(copied.partition)
            try await govern(context) { books, processor in
                // All others go on, and of the broken one nothing is lost.
                let expected = Set(before.map(\.partition)).count
                _ = try await eventually(within: .seconds(30), "the others: \(books.breaks)") {
                    books.breaks.map(\.chain) == [chain] && books.read(\.heads).count == expected
                        && context.readiness.isReady ? true : nil
                }
                let order = QuarantineOrder(
                    partition: copied.partition, offsets: [], by: "ann", reason: "a test wrote it")
                guard case .done(let asides) = await processor.putAside(order) else {
                    Issue.record("not put aside")
                    return
                }
                #expect(asides.count == 1)
                _ = try await eventually(within: .seconds(30), "the chain goes on: \(books.breaks)") {
                    let isWhole = books.read { $0.hold(usage: (0..<40).map { "u\($0)" }) && $0.length == 81 }
                    return books.breaks.isEmpty && isWhole ? true : nil
                }
            }
            // And so it does for who comes after.
            try await publish(facts(40..<45), context)
            try await govern(context) { $0.hold(usage: (0..<45).map { "u\($0)" }) && $0.length == 91 }
        }
    }

    @Test("half of a chain's partitions is refused")
    func halves() throws {
        let topics = Topics()
        let both = [
            TopicPartition(topic: topics.journal, partition: 1), TopicPartition(topic: topics.usage, partition: 1),
        ]
        #expect(try LedgerProcessor.chainNumbers(both, topics) == [1])
        #expect(throws: LedgerProcessor.Unusable.self) { try LedgerProcessor.chainNumbers([both[0]], topics) }
    }
}

extension Books {
    /// Entries of all chains.
    fileprivate var length: Int64 { heads.values.reduce(0) { $0 + $1.length } }
}
