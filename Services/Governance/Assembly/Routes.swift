// SPDX-License-Identifier: Apache-2.0

import Access
import Baton
import HTTPTypes
import Hummingbird
import Ledger
import LegRuntime
import NIOCore

/// What governance tells over HTTP.
struct Routes: Sendable {
    let policy: Policy
    let books: BooksView
    let clock: any WallClock

    struct Ledger: Codable, Equatable {
        var caughtUp: Bool
        var heads: [LedgerHead]
        /// One line for each thing that is wrong.
        var violations: [String]
    }

    struct BatonCosts: Codable, Equatable {
        var baton: BatonID
        var account: String?
        var total: Money
        var parts: [String: Money]
        var head: LedgerHead?
        /// Consumptions priced in another currency, which are in no sum.
        var entriesInOtherCurrencies: Int
    }

    struct AccountState: Codable, Equatable {
        var account: String
        /// `2026-11`, UTC.
        var month: String
        var budget: Money
        var spent: Money
        var left: Money
    }

    /// The ends of all chains.
    var ledger: Ledger {
        let heads = books.read {
            $0.heads.values.sorted { ($0.chain.utf8.count, $0.chain) < ($1.chain.utf8.count, $1.chain) }
        }
        return Ledger(caughtUp: books.hasCaughtUp, heads: heads, violations: books.breaks.map(\.description))
    }

    /// What a baton has cost; nil when the ledger knows nothing of it.
    func costs(of baton: BatonID) -> BatonCosts? {
        books.read { books in
            books.batons[baton].map { known in
                BatonCosts(
                    baton: baton, account: known.account, total: books.total(of: baton),
                    parts: books.parts(of: baton), head: books.head(of: baton),
                    entriesInOtherCurrencies: known.foreignEntries)
            }
        }
    }

    /// Every account this month.
    var accounts: [AccountState] {
        let now = clock.now()
        return books.read { books in
            policy.accounts.sorted { $0.key < $1.key }.map { name, account in
                let spent = books.spent(by: name, inMonthOf: now)
                let left = Money(
                    micros: account.monthlyBudget.micros - spent.micros, currency: account.monthlyBudget.currency)
                return AccountState(
                    account: name, month: Books.month(of: now), budget: account.monthlyBudget, spent: spent, left: left)
            }
        }
    }

    func add(to router: Router<BasicRequestContext>) {
        router.get("/ledger") { _, _ in Self.answer(ledger) }
        router.get("/accounts") { _, _ in Self.answer(accounts) }
        router.get("/ledger/batons/:id") { _, context in
            let text = context.parameters.get("id") ?? ""
            guard let baton = BatonID(text) else {
                return Self.answer(["error": "\"\(text)\" is not a baton id"], .badRequest)
            }
            guard let costs = costs(of: baton) else {
                return Self.answer(["error": "the ledger has nothing of the baton \(baton)"], .notFound)
            }
            return Self.answer(costs)
        }
    }

    private static func answer(_ value: some Encodable, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: JSON.encode(value))))
    }
}
