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
    private struct Chain {
        var head: LedgerHead
        var facts: Set<FactKey> = []
        var settledHead: LedgerHead
        var provisional: [FactKey] = []
        /// Nothing may be added to it: it was changed, or somebody else wrote.
        var isBroken = false

        init(_ partition: Int32) {
            head = .empty(chain: String(partition))
            settledHead = head
        }
    }

    private var chains: [Int32: Chain] = [:]
    /// Chains as they were before what is provisional mended them.
    private var unmended: [Int32: Chain] = [:]

    /// The partitions that are held.
    var partitions: Set<Int32> { Set(chains.keys) }

    /// The partitions whose chains nothing can be added to.
    var broken: Set<Int32> { Set(chains.filter(\.value.isBroken).keys) }

    /// The end of a chain, what is provisional included; nil when it is not held.
    func head(of partition: Int32) -> LedgerHead? { chains[partition]?.head }

    /// Starts to hold a chain, as its records on the ledger leave it.
    /// - Returns: where it does not hold together; nothing is added to it then.
    @discardableResult
    mutating func hold(_ partition: Int32, _ records: [LedgerRecord] = []) -> ChainBreak? {
        let walk = ChainWalk(records, of: String(partition))
        var chain = Chain(partition)
        (chain.head, chain.settledHead, chain.facts) = (walk.head, walk.head, walk.facts)
        chain.isBroken = walk.firstBreak != nil
        chains[partition] = chain
        return walk.firstBreak
    }

    /// Stops holding a chain.
    mutating func release(_ partition: Int32) {
        chains[partition] = nil
        unmended[partition] = nil
    }

    /// Puts records of a chain aside, and goes on without them.
    /// - Parameter topic: the ledger's.
    /// - Returns: the entries that say so; none when the chain is not held.
    mutating func putAside(
        _ asides: [LedgerQuarantine], in partition: Int32, _ walk: ChainWalk, topic: String, at time: Timestamp
    ) -> [LedgerEntry] {
        guard let before = chains[partition] else { return [] }
        unmended[partition] = before
        var chain = Chain(partition)
        (chain.head, chain.settledHead, chain.facts) = (walk.head, walk.head, walk.facts)
        chains[partition] = chain
        return asides.compactMap { aside in
            let origin = LedgerEntry.Origin(topic: topic, partition: partition, offset: aside.offset)
            return append(.quarantine(aside), from: origin, at: time)
        }
    }

    /// Enters a fact.
    /// - Returns: its entry; nil when the chain has the fact already.
    mutating func append(
        _ fact: LedgerEntry.Fact, from origin: LedgerEntry.Origin, at time: Timestamp
    ) -> LedgerEntry? {
        let key = FactKey(fact.id)
        guard var chain = chains[origin.partition], !chain.isBroken, chain.facts.insert(key).inserted else {
            return nil
        }
        let entry = LedgerEntry(after: chain.head, fact: fact, origin: origin, at: time)
        chain.head = entry.head
        chain.provisional.append(key)
        chains[origin.partition] = chain
        return entry
    }

    /// Keeps what was appended since the last time, or forgets it.
    mutating func settle(committed: Bool) {
        if !committed { chains.merge(unmended) { $1 } }
        unmended = [:]
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
