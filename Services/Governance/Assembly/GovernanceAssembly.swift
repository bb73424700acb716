// SPDX-License-Identifier: Apache-2.0

import Baton
import Costs
import Ledger
import LegRuntime
package import Operations

/// Puts the process together.
package enum GovernanceAssembly {
    /// What it reads besides what every process reads.
    package static let settings = [RuntimeSettings.exactlyOnce, RuntimeSettings.leg, GovernanceFiles.settings]

    /// The parts of the process.
    /// - Throws: what keeps it from starting.
    package static func assemble(_ context: ProcessContext) throws -> ProcessParts {
        let files = try GovernanceFiles(context.configuration)
        let clock = SystemClock()
        let owned = OwnedChains()
        let books = BooksView(currency: files.rateCard.currency, owned: owned)
        let processor = LedgerProcessor(
            context, files, owned: owned, isBroken: { chain in books.read { $0.breaks[chain] != nil } })
        let ledger = try TransactionalProcessor(
            context: context, name: "ledger", topics: [context.topics.journal, context.topics.usage],
            group: context.topics.ledgerGroup, tick: .seconds(1), drainLimit: .seconds(3), processor: processor,
            clock: clock)
        let worker = try LegWorker(
            context: context,
            work: GovernanceWork(policy: files.policy, rateCard: files.rateCard, books: books, clock: clock),
            topics: context.topics, clock: clock)
        let routes = Routes(policy: files.policy, books: books, clock: clock)
        let quarantine = QuarantineRoute { await processor.putAside($0) }
        return ProcessParts(
            services: [
                LedgerFollower(context: context, books: books).service,
                BooksAnnouncer(context: context, books: books, clock: clock), ledger, worker,
            ],
            routes: { router in
                routes.add(to: router)
                quarantine.add(to: router)
            })
    }
}
