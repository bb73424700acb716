// SPDX-License-Identifier: Apache-2.0

package import Baton

/// The chains that one writer of the ledger holds: facts go in, each once, and entries come out.
///
/// What is appended counts for what is appended next, but is provisional until it is settled, for the transaction
/// that writes it can still be aborted.
package struct LedgerChains: Sendable {
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

    /// Nothing is held yet.
    package init() {}

    /// The partitions that are held.
    package var partitions: Set<Int32> { Set(chains.keys) }

    /// The partitions whose chains nothing can be added to.
    package var broken: Set<Int32> { Set(chains.filter(\.value.isBroken).keys) }

    /// The end of a chain, what is provisional included; nil when it is not held.
    func head(of partition: Int32) -> LedgerHead? { chains[partition]?.head }

    /// Starts to hold a chain, as its records on the ledger leave it.
    /// - Returns: where it does not hold together; nothing is added to it then.
    @discardableResult
    package mutating func hold(_ partition: Int32, _ records: [LedgerRecord] = []) -> ChainBreak? {
        let walk = ChainWalk(records, of: String(partition))
        var chain = Chain(partition)
        (chain.head, chain.settledHead, chain.facts) = (walk.head, walk.head, walk.facts)
        chain.isBroken = walk.firstBreak != nil
        chains[partition] = chain
        return walk.firstBreak
    }

    /// Stops holding a chain.
    package mutating func release(_ partition: Int32) {
        chains[partition] = nil
        unmended[partition] = nil
    }

    /// Puts records of a chain aside, and goes on without them.
    /// - Parameter topic: the ledger's.
    /// - Returns: the entries that say so; none when the chain is not held.
    package mutating func putAside(
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
    package mutating func append(
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
    package mutating func settle(committed: Bool) {
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
