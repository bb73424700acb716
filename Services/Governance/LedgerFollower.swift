// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Logging
import Operations

/// Keeps the books current from the ledger, and the declared budgets from the releases.
struct LedgerFollower: Sendable {
    let context: ProcessContext
    let books: BooksView

    var service: TopicFollower {
        TopicFollower(
            context: context, topics: [context.topics.ledger, context.topics.releases], from: .beginning,
            each: { take($0) }, caughtUp: { books.caughtUp() })
    }

    /// Takes in records of both topics.
    func take(_ records: [ConsumerRecord]) {
        let entries = records.filter { $0.topic == context.topics.ledger }
        report(books.fold(entries.map { (value: $0.value ?? [], chain: String($0.partition)) }))
        for record in records where record.topic == context.topics.releases { declare(record) }
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

    private func report(_ violations: [LedgerVerifier.Violation]) {
        guard let first = violations.first else { return }
        context.readiness.set(false, for: "ledger", reason: "\(first)")
        for violation in violations {
            context.logger.critical(
                "the ledger does not hold together: \(violation)",
                metadata: ["remedy": "run `relay ledger verify`; the ledger was changed, or it had two writers"])
        }
    }
}
