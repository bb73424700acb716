// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest

/// Names a fact in 16 bytes, so that a chain can remember every fact it holds: the first 128 bits of the SHA-256 of
/// its id. Two of 2^40 facts meet with a probability below 10^-14.
struct FactKey: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    init(_ id: String) {
        let bytes = SHA256.hash(id).bytes
        high = bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// The chains that one writer of the ledger holds: facts go in, each once, and entries come out.
///
/// What is appended counts for what is appended next, but is provisional until it is settled, for the transaction
/// that writes it can still be aborted.
struct LedgerChains: Sendable {
    /// An entry after which nothing of a chain can be trusted.
    struct Broken: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    private struct Chain {
        var head: LedgerHead
        var facts: Set<FactKey> = []
        var settledHead: LedgerHead
        var provisional: [FactKey] = []

        init(_ partition: Int32) {
            head = .empty(chain: String(partition))
            settledHead = head
        }
    }

    private var chains: [Int32: Chain] = [:]

    /// The partitions that are held.
    var partitions: Set<Int32> { Set(chains.keys) }

    /// The end of a chain, what is provisional included; nil when it is not held.
    func head(of partition: Int32) -> LedgerHead? { chains[partition]?.head }

    /// Starts to hold a chain, as its entries on the ledger leave it.
    mutating func hold(_ partition: Int32) { chains[partition] = Chain(partition) }

    /// Stops holding a chain.
    mutating func release(_ partition: Int32) { chains[partition] = nil }

    /// Takes in an entry that the ledger already has.
    /// - Throws: `Broken` when it does not continue the chain. Nothing may be added to such a chain: it was changed,
    ///   or had two writers.
    mutating func restore(_ entry: LedgerEntry, of partition: Int32) throws(Broken) {
        var chain = chains[partition] ?? Chain(partition)
        guard entry.sequence == chain.head.length + 1, entry.previous == chain.head.hash,
            entry.hash == entry.contentHash
        else {
            throw Broken(
                description: "entry \(entry.sequence) of the ledger's chain \(partition) does not follow entry "
                    + "\(chain.head.length): run `relay ledger verify`, and restore the topic before going on")
        }
        chain.head = entry.head
        chain.settledHead = entry.head
        chain.facts.insert(FactKey(entry.fact.id))
        chains[partition] = chain
    }

    /// Enters a fact.
    /// - Returns: its entry; nil when the chain has the fact already.
    mutating func append(
        _ fact: LedgerEntry.Fact, from origin: LedgerEntry.Origin, at time: Timestamp
    ) -> LedgerEntry? {
        let key = FactKey(fact.id)
        guard var chain = chains[origin.partition], chain.facts.insert(key).inserted else { return nil }
        let entry = LedgerEntry(after: chain.head, fact: fact, origin: origin, at: time)
        chain.head = entry.head
        chain.provisional.append(key)
        chains[origin.partition] = chain
        return entry
    }

    /// Keeps what was appended since the last time, or forgets it.
    mutating func settle(committed: Bool) {
        for partition in chains.keys {
            guard var chain = chains[partition], !chain.provisional.isEmpty else { continue }
            if committed {
                chain.settledHead = chain.head
            } else {
                chain.head = chain.settledHead
                chain.facts.subtract(chain.provisional)
            }
            chain.provisional = []
            chains[partition] = chain
        }
    }
}
