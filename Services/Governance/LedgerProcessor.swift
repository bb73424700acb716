// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Logging
import Operations
import Synchronization

/// The chains that this process writes at the moment.
final class OwnedChains: Sendable {
    private let names = Mutex<Set<String>>([])

    func replace(with partitions: Set<Int32>) { names.withLock { $0 = Set(partitions.map(String.init)) } }

    func contains(_ chain: String) -> Bool { names.withLock { $0.contains(chain) } }
}

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

    private let context: ProcessContext
    private let topics: Topics
    private let policy: Policy
    private let rateCard: RateCard
    private let owned: OwnedChains
    private let entered: Counter
    private let refused: Counter
    private var chains = LedgerChains()

    init(_ context: ProcessContext, _ files: GovernanceFiles, owned: OwnedChains) {
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
        for number in numbers { chains.hold(number) }
        let restored = try await restored(numbers)
        for (number, entries) in restored {
            for entry in entries { try restore(entry, of: number) }
        }
        owned.replace(with: chains.partitions)
    }

    func revoked(_ partitions: [TopicPartition]) {
        for partition in partitions { chains.release(partition.partition) }
        owned.replace(with: chains.partitions)
    }

    func process(_ records: [ConsumerRecord], now: Timestamp) -> Outputs {
        Outputs(records.compactMap { output($0, now: now) })
    }

    private func output(_ record: ConsumerRecord, now: Timestamp) -> ProducerRecord? {
        do throws(Refusal) {
            let fact = try fact(of: record)
            let origin = LedgerEntry.Origin(
                topic: record.topic, partition: record.partition, offset: record.offset)
            guard let entry = chains.append(fact, from: origin, at: now) else { return nil }
            entered.add()
            return entry.record(
                topic: topics.ledger, key: entry.chain, id: "\(entry.chain)/\(entry.sequence)",
                source: context.eventSource, subject: fact.baton.description, time: now,
                partition: record.partition)
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

    func settle(committed: Bool) { chains.settle(committed: committed) }

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

    private func restore(_ entry: LedgerEntry, of partition: Int32) throws {
        do {
            try chains.restore(entry, of: partition)
        } catch {
            throw Unusable(
                reason: error.description,
                remedy: "run `relay ledger verify`; the ledger was changed, or it had two writers")
        }
    }

    /// The entries of chains as they are on the ledger.
    private func restored(_ numbers: [Int32]) async throws -> [Int32: [LedgerEntry]] {
        let partitions = numbers.map { TopicPartition(topic: topics.ledger, partition: $0) }
        let reader = try PartitionReader(context.kafka, logger: context.logger)
        do {
            var entries: [Int32: [LedgerEntry]] = [:]
            // Also what is decided and not yet marked: a chain restored without its last entries would fork.
            try await reader.readAll(partitions) { records in
                for record in records {
                    entries[record.partition, default: []].append(try Self.entry(of: record))
                }
            }
            await reader.close()
            return entries
        } catch {
            await reader.close()
            throw error
        }
    }

    private static func entry(of record: ConsumerRecord) throws -> LedgerEntry {
        do {
            return try JSON.decode(LedgerEntry.self, from: record.value ?? [])
        } catch {
            throw Unusable(
                reason: "record \(record.offset) of the ledger's partition \(record.partition) is no entry: \(error)",
                remedy: "run `relay ledger verify`, and restore the topic before going on")
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
