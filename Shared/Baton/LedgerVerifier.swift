// SPDX-License-Identifier: Apache-2.0

/// Checks a ledger, entry by entry in the order of each chain, and names everything that is wrong with it.
///
/// A hash chain shows a change to whoever knows its end. So the end of each chain as it was noted elsewhere (a
/// baton's `Closing` holds one) can be given as expected: then a chain cut short or rewritten as a whole shows too.
public struct LedgerVerifier: Sendable {
    /// One thing that is wrong.
    public struct Violation: Sendable, Equatable, CustomStringConvertible {
        /// The chain's name.
        public let chain: String
        /// The entry's number in its chain, as stated or as expected.
        public let sequence: Int64
        /// What is wrong, in words.
        public let problem: String

        /// One line for people.
        public var description: String { "chain \(chain), entry \(sequence): \(problem)" }
    }

    /// What is wrong so far, in the order in which it was found.
    public private(set) var violations: [Violation] = []
    /// Entries read so far.
    public private(set) var count: Int64 = 0
    private var chains: [String: Chain] = [:]
    private var expected: [String: [LedgerHead]]
    private let remembersFacts: Bool

    private struct Chain {
        var head: LedgerHead
        var facts: Set<String> = []
    }

    /// - Parameters:
    ///   - expected: ends of chains that were noted before.
    ///   - remembersFacts: whether a fact entered twice is looked for, which keeps every fact's id in memory.
    public init(expecting expected: [LedgerHead] = [], remembersFacts: Bool = true) {
        self.expected = Dictionary(grouping: expected, by: \.chain)
        self.remembersFacts = remembersFacts
    }

    /// The end of each chain read so far, by number where the names are numbers.
    public var heads: [LedgerHead] {
        chains.values.map(\.head).sorted { ($0.chain.utf8.count, $0.chain) < ($1.chain.utf8.count, $1.chain) }
    }

    /// Checks the next record of a chain as it is stored.
    /// - Parameters:
    ///   - value: the record's value.
    ///   - chain: the chain it was found in: the number of its partition.
    /// - Returns: the entry, when it can be read at all.
    @discardableResult
    public mutating func check(value: [UInt8], in chain: String) -> LedgerEntry? {
        do {
            let entry = try JSON.decode(LedgerEntry.self, from: value)
            check(entry, in: chain)
            // Catches what decoding overlooks: members that do not belong, numbers written otherwise.
            if JSON.encode(entry) != value {
                note(chain, entry.sequence, "its bytes are not the canonical JSON of its content")
            }
            return entry
        } catch {
            count += 1
            note(chain, (chains[chain]?.head.length ?? 0) + 1, "it is not a ledger entry: \(error)")
            return nil
        }
    }

    /// Checks the next entry of a chain.
    public mutating func check(_ entry: LedgerEntry, in chain: String) {
        count += 1
        var known = chains[chain] ?? Chain(head: .empty(chain: chain))
        if entry.chain != chain { note(chain, entry.sequence, "it says that it belongs to chain \(entry.chain)") }
        if entry.sequence != known.head.length + 1 {
            note(chain, entry.sequence, "entry \(known.head.length + 1) was expected here")
        }
        if entry.previous != known.head.hash {
            note(
                chain, entry.sequence,
                "it follows an entry with the hash \(entry.previous), and the one before it has \(known.head.hash)")
        }
        let hash = entry.contentHash
        if entry.hash != hash {
            note(chain, entry.sequence, "its hash is \(entry.hash), and its content calls for \(hash)")
        }
        if remembersFacts, !known.facts.insert(entry.fact.id).inserted {
            note(chain, entry.sequence, "the fact \(entry.fact.id) was entered before")
        }
        for head in expected[chain] ?? [] where head.length == entry.sequence && head.hash != entry.hash {
            note(chain, entry.sequence, "its hash is \(entry.hash), and \(head.hash) was noted for it elsewhere")
        }
        known.head = LedgerHead(chain: chain, length: entry.sequence, hash: entry.hash)
        chains[chain] = known
    }

    /// Ends the check: a chain that is shorter than was noted before is wrong as well.
    public mutating func finish() {
        for (chain, heads) in expected.sorted(by: { $0.key < $1.key }) {
            let length = chains[chain]?.head.length ?? 0
            guard let longest = heads.map(\.length).max(), longest > length else { continue }
            note(chain, length + 1, "it is missing: \(longest) entries were noted elsewhere, and \(length) are here")
        }
        expected = [:]
    }

    private mutating func note(_ chain: String, _ sequence: Int64, _ problem: String) {
        violations.append(Violation(chain: chain, sequence: sequence, problem: problem))
    }
}
