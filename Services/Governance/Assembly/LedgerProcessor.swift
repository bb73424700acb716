// SPDX-License-Identifier: Apache-2.0

import Access
import Baton
import Costs
import Kafka
import Ledger
import LegRuntime
import Logging
import Operations

/// Enters decisions and consumptions into the ledger: journal and usage go in, entries come out.
///
/// Partition `p` of both topics feeds chain `p`, which is partition `p` of the ledger. So whoever has one must have
/// the other, or a chain would have two writers; the range assignment keeps them together.
actor LedgerProcessor: RecordProcessor {
    /// A chain that cannot be written.
    struct Unusable: DiagnosedError {
        let reason: String
        let remedy: String
    }

    /// What became of an order to put records aside.
    enum QuarantineAnswer: Sendable, Equatable {
        case done([LedgerQuarantine])
        case refused(Refusal)
        /// Another process writes this chain.
        case elsewhere
    }

    private struct Order {
        let order: QuarantineOrder
        let answer: AsyncStream<QuarantineAnswer>.Continuation
    }

    /// Orders that may wait at once; people give them.
    private static let orderLimit = 16

    private let context: ProcessContext
    private let topics: Topics
    private let policy: Policy
    private let rateCard: RateCard
    private let owned: OwnedChains
    private let entered: Counter
    private let refused: Counter
    private let isBroken: @Sendable (String) -> Bool
    private var chains = LedgerChains()
    private var orders: [Order] = []
    /// Carried out, if the transaction commits.
    private var carriedOut: [(order: Order, asides: [LedgerQuarantine])] = []

    /// - Parameter isBroken: whether a chain was found broken since it was restored, by who follows the ledger.
    init(
        _ context: ProcessContext, _ files: GovernanceFiles, owned: OwnedChains,
        isBroken: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        self.isBroken = isBroken
        self.context = context
        topics = context.topics
        policy = files.policy
        rateCard = files.rateCard
        self.owned = owned
        entered = context.metrics.counter("relay_ledger_entries_total", help: "Entries written to the ledger.")
        refused = context.metrics.counter(
            "relay_ledger_refused_total", help: "Records that could not be entered and went to the dead letters.")
    }

    func assigned(_ partitions: [TopicPartition]) async throws {
        let numbers = try Self.chainNumbers(partitions, topics)
        let restored = try await restored(numbers)
        for number in numbers {
            guard let found = chains.hold(number, restored[number] ?? []) else { continue }
            // The others go on: to end the process would end them too.
            context.logger.critical("nothing is entered: \(found)", metadata: ["remedy": "\(found.remedy)"])
        }
        owned.replace(with: chains.partitions)
    }

    func revoked(_ partitions: [TopicPartition]) {
        for partition in partitions { chains.release(partition.partition) }
        owned.replace(with: chains.partitions)
    }

    /// What feeds a broken chain waits until it is mended.
    var heldBack: Set<TopicPartition> {
        let held = chains.partitions.filter { chains.broken.contains($0) || isBroken(String($0)) }
        return Set(
            held.flatMap { number in
                [topics.journal, topics.usage].map { TopicPartition(topic: $0, partition: number) }
            })
    }

    func process(_ records: [ConsumerRecord], now: Timestamp) async throws -> Outputs {
        let asides = try await carryOut(now: now)
        return Outputs(asides + records.compactMap { output($0, now: now) })
    }

    /// Puts records aside; answers once that is committed.
    func putAside(_ order: QuarantineOrder) async -> QuarantineAnswer? {
        guard chains.partitions.contains(order.partition) else { return .elsewhere }
        guard orders.count < Self.orderLimit else { return nil }
        let (answers, answer) = AsyncStream.makeStream(of: QuarantineAnswer.self, bufferingPolicy: .bufferingNewest(1))
        orders.append(Order(order: order, answer: answer))
        for await answer in answers { return answer }
        return nil
    }

    private func carryOut(now: Timestamp) async throws -> [ProducerRecord] {
        var records: [ProducerRecord] = []
        while let next = orders.first {
            let partition = next.order.partition
            guard chains.partitions.contains(partition) else {
                orders.removeFirst().answer.yield(.elsewhere)
                continue
            }
            // One at a time: the next reads what this one wrote.
            guard carriedOut.isEmpty else { break }
            let stored = try await restored([partition])[partition] ?? []
            do throws(Refusal) {
                let (asides, walk) = try next.order.plan(stored)
                let entries = chains.putAside(asides, in: partition, walk, topic: topics.ledger, at: now)
                records += entries.map { record($0, now: now) }
                carriedOut.append((orders.removeFirst(), asides))
            } catch {
                orders.removeFirst().answer.yield(.refused(error))
            }
        }
        return records
    }

    private func record(_ entry: LedgerEntry, now: Timestamp) -> ProducerRecord {
        entry.record(
            topic: topics.ledger, key: entry.chain, id: "\(entry.chain)/\(entry.sequence)",
            source: context.eventSource, subject: entry.fact.baton?.description, time: now,
            partition: entry.origin.partition)
    }

    private func output(_ record: ConsumerRecord, now: Timestamp) -> ProducerRecord? {
        do throws(Refusal) {
            let fact = try fact(of: record)
            let origin = LedgerEntry.Origin(
                topic: record.topic, partition: record.partition, offset: record.offset)
            guard let entry = chains.append(fact, from: origin, at: now) else { return nil }
            entered.add()
            return self.record(entry, now: now)
        } catch {
            refused.add()
            context.logger.warning(
                "a record cannot be entered into the ledger and goes to the dead letters",
                metadata: [
                    "topic": "\(record.topic)", "partition": "\(record.partition)", "offset": "\(record.offset)",
                    "reason": "\(error)",
                ])
            return deadLetter(record, reason: "\(error)", reader: context.eventSource, topics: topics)
        }
    }

    func settle(committed: Bool) {
        chains.settle(committed: committed)
        for (order, asides) in carriedOut {
            if committed { order.answer.yield(.done(asides)) } else { orders.insert(order, at: 0) }
        }
        carriedOut = []
    }

    private func fact(of record: ConsumerRecord) throws(Refusal) -> LedgerEntry.Fact {
        let event = try record.cloudEvent()
        guard record.topic == topics.usage else {
            let entry = try JournalEntry.read(event)
            return .journal(entry, account: entry.action == .requested ? policy.account(of: entry.actor) : nil)
        }
        let usage = try Usage.read(event)
        do {
            return .usage(usage, price: try rateCard.price(of: usage.resource, amount: usage.amount))
        } catch {
            throw Refusal(error.description)
        }
    }

    /// Chains as they are on the ledger.
    private func restored(_ numbers: [Int32]) async throws -> [Int32: [LedgerRecord]] {
        let partitions = numbers.map { TopicPartition(topic: topics.ledger, partition: $0) }
        let reader = try PartitionReader(context.kafka, logger: context.logger)
        do {
            var stored: [Int32: [LedgerRecord]] = [:]
            // Also what is decided and not yet marked: a chain restored without its last entries would fork.
            try await reader.readAll(partitions) { records in
                for record in records { stored[record.partition, default: []].append(LedgerRecord(record)) }
            }
            await reader.close()
            return stored
        } catch {
            await reader.close()
            throw error
        }
    }

    /// The numbers of the chains that partitions feed.
    /// - Throws: `Unusable` when a chain would be fed by half of its partitions.
    static func chainNumbers(_ partitions: [TopicPartition], _ topics: Topics) throws(Unusable) -> [Int32] {
        let fed = Dictionary(grouping: partitions, by: \.partition)
        for (number, parts) in fed where Set(parts.map(\.topic)) != [topics.journal, topics.usage] {
            throw Unusable(
                reason: "of chain \(number) only \(parts.map(\.description).sorted().joined(separator: ", ")) is ours",
                remedy: "give \(topics.journal) and \(topics.usage) the same number of partitions")
        }
        return fed.keys.sorted()
    }
}
