// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Ledger
import LegRuntime
import Logging
import Operations

/// Keeps the books current from the ledger, and the declared budgets from the releases.
struct LedgerFollower: Sendable {
    let context: ProcessContext
    let books: BooksView
    private let broken: Gauge

    init(context: ProcessContext, books: BooksView) {
        self.context = context
        self.books = books
        broken = context.metrics.gauge(
            "relay_ledger_broken_chains", help: "Chains of the ledger that do not hold together, of all there are.")
    }

    var service: TopicFollower {
        TopicFollower(
            context: context, topics: [context.topics.ledger, context.topics.releases], from: .beginning,
            each: { await take($0) }, caughtUp: { await caughtUp() })
    }

    /// Takes in records of both topics.
    func take(_ records: [ConsumerRecord]) async {
        let breaks = books.fold(records.filter { $0.topic == context.topics.ledger }.map(LedgerRecord.init))
        for record in records where record.topic == context.topics.releases { declare(record) }
        // What is broken in the past may have been put aside later on.
        guard books.hasCaughtUp else { return }
        await readAnew()
        report(breaks)
    }

    private func caughtUp() async {
        await readAnew()
        books.caughtUp()
        report(books.breaks)
    }

    private func declare(_ record: ConsumerRecord) {
        // A tombstone withdraws a release, whose budget stays what it was.
        guard record.value != nil else { return }
        do throws(Refusal) {
            let release = try ReleaseRecord.read(record.cloudEvent())
            books.declare(budget: release.manifest.declaration.budget, of: release.baton)
        } catch {
            context.logger.warning(
                "a release cannot be read; its budget is not watched until its books are looked at",
                metadata: ["offset": "\(record.offset)", "reason": "\(error)"])
        }
    }

    /// Makes the books anew while more is put aside than they pass over. Rare: somebody has to ask for each.
    private func readAnew() async {
        while var quarantines = books.newQuarantines, !Task.isCancelled {
            do {
                try await readLedger { quarantines.note(value: $0.value, in: $0.chain, at: $0.offset) }
                var ledger = LedgerFold(currency: books.read(\.currency), passing: quarantines)
                try await readLedger { _ = ledger.take($0) }
                books.replace(with: ledger)
                context.logger.notice("the books were made anew without what was put aside")
                report([])
            } catch {
                context.logger.warning(
                    "the ledger cannot be read again and is tried once more", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func readLedger(_ each: (LedgerRecord) -> Void) async throws {
        let admin = try KafkaAdmin(context.kafka, logger: context.logger)
        let topics: [TopicDescription]
        do { topics = try await admin.topics() } catch {
            await admin.close()
            throw error
        }
        await admin.close()
        let partitions = topics.filter { $0.name == context.topics.ledger }.flatMap(\.topicPartitions)
        let reader = try PartitionReader(context.kafka, logger: context.logger)
        do {
            try await reader.readToEnd(partitions) { for record in $0 { each(LedgerRecord(record)) } }
            await reader.close()
        } catch {
            await reader.close()
            throw error
        }
    }

    /// Says what is broken now. The process stays ready: the other chains go on.
    private func report(_ fresh: [ChainBreak]) {
        for found in fresh {
            context.logger.critical("\(found)", metadata: ["remedy": "\(found.remedy)"])
        }
        let breaks = books.breaks
        broken.set(Double(breaks.count))
        let words = breaks.isEmpty ? "all chains hold together" : breaks.map { "\($0)" }.joined(separator: "; ")
        context.readiness.set(true, for: "ledger-chains", reason: words, isDegraded: !breaks.isEmpty)
    }
}
