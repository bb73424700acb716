// SPDX-License-Identifier: Apache-2.0

/// Checks a ledger, entry by entry in the order of each chain, and names everything that is wrong with it.
///
/// A hash chain shows a change to whoever knows its end. So the end of each chain as it was noted elsewhere (a
/// baton's `Closing` holds one) can be given as expected: then a chain cut short or rewritten as a whole shows too.
///
/// A record that does not continue its chain is passed over when the record after it continues the chain instead: then
/// it is foreign, and nothing else is wrong. What was put aside (`LedgerQuarantines`) is passed over without a word.
public struct LedgerVerifier: Sendable {
    /// One thing that is wrong.
    public struct Violation: Sendable, Equatable, CustomStringConvertible {
        /// The chain's name.
        public let chain: String
        /// The entry's number in its chain, as stated or as expected.
        public let sequence: Int64
        /// Where the record is in the chain's partition; nil when it is missing, or was not told.
        public let offset: Int64?
        /// What is wrong, in words.
        public let problem: String
        /// Whether it is a whole entry of this chain with a fact of its own: then it may be right, and a record before
        /// it the foreign one.
        public let isWhole: Bool

        /// One line for people.
        public var description: String {
            "chain \(chain), entry \(sequence)\(offset.map { " (offset \($0))" } ?? ""): \(problem)"
        }
    }

    /// What a record turned out to be.
    public enum Finding: Sendable, Equatable {
        /// A link of its chain.
        case link(LedgerEntry)
        /// It was put aside before.
        case quarantined
        /// It does not belong where it stands.
        case misfit
    }

    /// What is wrong so far, in the order in which it was found.
    public private(set) var violations: [Violation] = []
    /// Records read so far.
    public private(set) var count: Int64 = 0
    /// Chains that go on from a record which does not continue them: something is missing or was changed there, or
    /// what they had before is foreign.
    public private(set) var severed: Set<String> = []
    private var chains: [String: Chain] = [:]
    private var expected: [String: [LedgerHead]]
    private let quarantines: LedgerQuarantines
    private let remembersFacts: Bool

    private struct Chain {
        var head: LedgerHead
        var facts: Set<String> = []
        /// The last misfit: whether the chain goes on from there is for the next record to say.
        var branch: LedgerHead?
    }

    /// - Parameters:
    ///   - expected: ends of chains that were noted before.
    ///   - quarantines: records that were put aside.
    ///   - remembersFacts: whether a fact entered twice is looked for, which keeps every fact's id in memory.
    public init(
        expecting expected: [LedgerHead] = [], passing quarantines: LedgerQuarantines = LedgerQuarantines(),
        remembersFacts: Bool = true
    ) {
        self.expected = Dictionary(grouping: expected, by: \.chain)
        self.quarantines = quarantines
        self.remembersFacts = remembersFacts
    }

    /// The end of each chain read so far, by number where the names are numbers.
    public var heads: [LedgerHead] {
        chains.values.map(\.head).filter { $0.length > 0 }
            .sorted { ($0.chain.utf8.count, $0.chain) < ($1.chain.utf8.count, $1.chain) }
    }

    /// Checks the next record of a chain as it is stored.
    /// - Parameters:
    ///   - value: the record's value.
    ///   - chain: the chain it was found in: the number of its partition.
    ///   - offset: where it is in that partition.
    @discardableResult
    public mutating func check(value: [UInt8], in chain: String, at offset: Int64? = nil) -> Finding {
        count += 1
        if let offset, quarantines.hold(value: value, in: chain, at: offset) { return .quarantined }
        do {
            let entry = try JSON.decode(LedgerEntry.self, from: value)
            // Catches what decoding overlooks: members that do not belong, numbers written otherwise.
            let isCanonical = JSON.encode(entry) == value
            return check(entry, in: chain, at: offset, isCanonical: isCanonical)
        } catch {
            let sequence = (chains[chain]?.head.length ?? 0) + 1
            note(chain, sequence, offset, "it is not a ledger entry: \(error)")
            return .misfit
        }
    }

    private mutating func check(
        _ entry: LedgerEntry, in chain: String, at offset: Int64?, isCanonical: Bool
    ) -> Finding {
        var known = chains[chain] ?? Chain(head: .empty(chain: chain))
        chains[chain] = nil
        defer { chains[chain] = known }
        let isKnown = remembersFacts && known.facts.contains(entry.fact.id)
        let own =
            flaws(of: entry, in: chain, isCanonical: isCanonical)
            + (isKnown ? ["the fact \(entry.fact.id) was entered before"] : [])
        let flaws = own + gaps(between: known.head, and: entry)
        let follows = own.isEmpty && known.branch.map { gaps(between: $0, and: entry).isEmpty } ?? false
        guard flaws.isEmpty || follows else {
            let isWhole = own.isEmpty && remembersFacts
            for flaw in flaws { note(chain, entry.sequence, offset, flaw, isWhole: isWhole) }
            known.branch = LedgerHead(chain: chain, length: entry.sequence, hash: entry.hash)
            return .misfit
        }
        if !flaws.isEmpty { severed.insert(chain) }
        if remembersFacts { known.facts.insert(entry.fact.id) }
        (known.head, known.branch) = (entry.head, nil)
        for head in expected[chain] ?? [] where head.length == entry.sequence && head.hash != entry.hash {
            note(
                chain, entry.sequence, offset, "its hash is \(entry.hash), and \(head.hash) was noted for it elsewhere")
        }
        return .link(entry)
    }

    /// What is wrong with an entry by itself.
    private func flaws(of entry: LedgerEntry, in chain: String, isCanonical: Bool) -> [String] {
        var flaws: [String] = []
        if entry.chain != chain { flaws.append("it says that it belongs to chain \(entry.chain)") }
        let hash = entry.contentHash
        if entry.hash != hash { flaws.append("its hash is \(entry.hash), and its content calls for \(hash)") }
        if !isCanonical { flaws.append("its bytes are not the canonical JSON of its content") }
        return flaws
    }

    /// Why an entry does not come after a head.
    private func gaps(between head: LedgerHead, and entry: LedgerEntry) -> [String] {
        var gaps: [String] = []
        if entry.sequence != head.length + 1 { gaps.append("entry \(head.length + 1) was expected here") }
        if entry.previous != head.hash {
            gaps.append("it follows an entry with the hash \(entry.previous), and the one before it has \(head.hash)")
        }
        return gaps
    }

    /// Ends the check: a chain that is shorter than was noted before is wrong as well.
    public mutating func finish() {
        for (chain, heads) in expected.sorted(by: { $0.key < $1.key }) {
            let length = chains[chain]?.head.length ?? 0
            guard let longest = heads.map(\.length).max(), longest > length else { continue }
            note(
                chain, length + 1, nil,
                "it is missing: \(longest) entries were noted elsewhere, and \(length) are here")
        }
        expected = [:]
    }

    private mutating func note(
        _ chain: String, _ sequence: Int64, _ offset: Int64?, _ problem: String, isWhole: Bool = false
    ) {
        violations.append(
            Violation(chain: chain, sequence: sequence, offset: offset, problem: problem, isWhole: isWhole))
    }
}
