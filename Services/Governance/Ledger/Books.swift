// SPDX-License-Identifier: Apache-2.0

package import Baton

/// What the ledger adds up to: a view of its entries that can always be rebuilt from them.
///
/// The same entries in any order across chains give the same books: a fact counts once, and an account is known for
/// a baton as soon as the entry of its request is there.
package struct Books: Sendable {
    /// What a baton has cost.
    package struct Account: Sendable, Equatable {
        /// Who pays; nil until the entry of the baton's request is there, or when no account was known for it.
        package var account: String?
        /// The chain that holds the baton's decisions; nil until the first is there.
        package var chain: String?
        /// The chains that hold what it consumed.
        var usageChains: Set<String> = []
        /// Millionths by resource.
        var parts: [Usage.Resource: Int64] = [:]
        /// Entries priced in another currency than the books'; they are in no sum.
        package var foreignEntries = 0
        fileprivate var months: [String: Int64] = [:]

        /// Millionths in all.
        var total: Int64 { parts.values.reduce(0, +) }
    }

    /// ISO 4217: the rate card's.
    package let currency: String
    /// The ends of the chains, by name.
    package private(set) var heads: [String: LedgerHead] = [:]
    /// Chains that cannot be relied on, by name.
    package private(set) var breaks: [String: ChainBreak] = [:]
    /// What each baton has cost.
    package private(set) var batons: [BatonID: Account] = [:]
    private var usage: Set<FactKey> = []
    private var spent: [String: [String: Int64]] = [:]

    init(currency: String) { self.currency = currency }

    /// Takes in an entry.
    /// - Returns: whether the costs of the entry's baton changed.
    @discardableResult
    mutating func fold(_ entry: LedgerEntry) -> Bool {
        heads[entry.chain] = entry.head
        guard let baton = entry.fact.baton else { return false }
        var account = batons[baton] ?? Account()
        defer { batons[baton] = account }
        switch entry.fact {
        case .journal(_, let payer):
            account.chain = entry.chain
            if account.account == nil, let payer {
                account.account = payer
                for (month, micros) in account.months { spent[payer, default: [:]][month, default: 0] += micros }
            }
            return false
        case .quarantine: return false
        case .usage(let usage, let price):
            account.usageChains.insert(entry.chain)
            guard self.usage.insert(FactKey(usage.id)).inserted else { return false }
            guard price.currency == currency else {
                account.foreignEntries += 1
                return false
            }
            let month = Self.month(of: usage.measuredAt)
            account.parts[usage.resource, default: 0] += price.micros
            account.months[month, default: 0] += price.micros
            if let payer = account.account { spent[payer, default: [:]][month, default: 0] += price.micros }
            return price.micros != 0
        }
    }

    /// A chain does not hold together from here on.
    mutating func note(_ found: ChainBreak) { breaks[found.chain] = breaks[found.chain] ?? found }

    /// Whether what a baton did and used is in chains that hold together, as far as it is known. While one is broken,
    /// a baton of which nothing is known may be one of it.
    package func isSound(for baton: BatonID) -> Bool {
        if breaks.isEmpty { return true }
        guard let account = batons[baton], let chain = account.chain else { return false }
        return breaks[chain] == nil && account.usageChains.isDisjoint(with: breaks.keys)
    }

    /// Whether what an account has spent is in chains that hold together.
    package func isSound(for account: String) -> Bool {
        breaks.isEmpty
            || !batons.values.contains { $0.account == account && !$0.usageChains.isDisjoint(with: breaks.keys) }
    }

    /// Whether every one of these consumptions is in the books.
    package func hold(usage ids: [String]) -> Bool { ids.allSatisfy { usage.contains(FactKey($0)) } }

    /// What a baton has cost.
    package func total(of baton: BatonID) -> Money { Money(micros: batons[baton]?.total ?? 0, currency: currency) }

    /// What an account has spent in the month of a moment, in UTC.
    package func spent(by account: String, inMonthOf time: Timestamp) -> Money {
        Money(micros: spent[account]?[Self.month(of: time)] ?? 0, currency: currency)
    }

    /// The end of the chain that holds a baton's decisions.
    package func head(of baton: BatonID) -> LedgerHead? { batons[baton]?.chain.flatMap { heads[$0] } }

    /// What a baton has cost by kind of resource.
    package func parts(of baton: BatonID) -> [String: Money] {
        let parts = batons[baton]?.parts ?? [:]
        return Dictionary(
            uniqueKeysWithValues: parts.map { ($0.key.rawValue, Money(micros: $0.value, currency: currency)) })
    }

    /// `2026-11`.
    package static func month(of time: Timestamp) -> String { String(time.description.prefix(7)) }
}
