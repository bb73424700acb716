// SPDX-License-Identifier: Apache-2.0

import Baton

/// All records of one chain, read from the first, with what was put aside passed over.
struct ChainWalk: Sendable {
    /// A record that does not belong.
    struct Misfit: Sendable, Equatable {
        let record: LedgerRecord
        let problem: String
        /// Whether it may be right, and a record before it the foreign one.
        let isWhole: Bool
    }

    /// The last link.
    let head: LedgerHead
    let facts: Set<FactKey>
    let misfits: [Misfit]
    /// Offsets of what was put aside.
    let passedOver: Set<Int64>
    /// Whether the chain goes on from a record that does not continue it.
    let isSevered: Bool

    /// - Parameter named: records to be passed over besides those that the chain's own entries put aside.
    init(_ records: [LedgerRecord], of chain: String, passing named: [LedgerQuarantine] = []) {
        var quarantines = LedgerQuarantines()
        for record in records { quarantines.note(value: record.value, in: chain, at: record.offset) }
        // As if they were entered behind all that is there.
        let end = (records.last?.offset ?? -1) + 1
        for (index, quarantine) in named.enumerated() {
            quarantines.note(quarantine, in: chain, at: end + Int64(index))
        }
        var verifier = LedgerVerifier(passing: quarantines)
        var facts: Set<FactKey> = []
        var misfits: [Misfit] = []
        var passedOver: Set<Int64> = []
        for record in records {
            let known = verifier.violations.count
            switch verifier.check(value: record.value, in: chain, at: record.offset) {
            case .quarantined: passedOver.insert(record.offset)
            case .link(let entry): facts.insert(FactKey(entry.fact.id))
            case .misfit:
                let violations = verifier.violations[known...]
                misfits.append(
                    Misfit(
                        record: record, problem: violations.map(\.problem).joined(separator: "; "),
                        isWhole: violations.contains(where: \.isWhole)))
            }
        }
        head = verifier.heads.first { $0.chain == chain } ?? .empty(chain: chain)
        (self.facts, self.misfits, self.passedOver) = (facts, misfits, passedOver)
        isSevered = verifier.severed.contains(chain)
    }

    /// Where the chain breaks first; nil when it holds together.
    var firstBreak: ChainBreak? {
        misfits.first.map {
            ChainBreak(chain: head.chain, offset: $0.record.offset, problem: $0.problem, since: $0.record.writtenAt)
        }
    }
}

/// An operator's order to put records of a chain aside.
struct QuarantineOrder: Codable, Sendable, Equatable {
    /// The chain's partition.
    var partition: Int32
    /// The records; those that plainly do not belong when none are named.
    var offsets: [Int64]
    var by: String
    var reason: String

    /// What is put aside, and the chain without it.
    /// - Parameter records: all of the chain.
    /// - Throws: `Refusal` when that would not mend the chain, with what would.
    func plan(_ records: [LedgerRecord]) throws(Refusal) -> (asides: [LedgerQuarantine], walk: ChainWalk) {
        let chain = String(partition)
        let named = try named(records)
        let walk = ChainWalk(records, of: chain, passing: named)
        guard !walk.isSevered else {
            throw Refusal(
                "without what was named chain \(chain) still goes on from offset "
                    + "\(walk.misfits.last?.record.offset ?? 0), which does not follow what is before it: name the "
                    + "foreign records before that offset, or restore the topic from a backup if entries are missing")
        }
        if let open = walk.misfits.first(where: \.isWhole) {
            throw Refusal(
                "the record at offset \(open.record.offset) of chain \(chain) is a whole entry with a fact of its own "
                    + "that does not follow the one before it: either it is foreign or one before it, in its place, "
                    + "is. See which facts were really told, and name the foreign record by its offset")
        }
        let asides = named + walk.misfits.map { LedgerQuarantine($0.record, problem: $0.problem, self) }
        guard !asides.isEmpty else {
            throw Refusal("chain \(chain) holds together: there is nothing to be put aside")
        }
        return (asides, walk)
    }

    private func named(_ records: [LedgerRecord]) throws(Refusal) -> [LedgerQuarantine] {
        let plain = ChainWalk(records, of: String(partition))
        var problems: [String] = []
        let named = Set(offsets).sorted().compactMap { offset -> LedgerQuarantine? in
            guard let record = records.first(where: { $0.offset == offset }) else {
                problems.append("chain \(partition) has no record at offset \(offset)")
                return nil
            }
            guard !plain.passedOver.contains(offset) else {
                problems.append("the record at offset \(offset) of chain \(partition) is put aside already")
                return nil
            }
            let misfit = plain.misfits.first { $0.record.offset == offset }
            return LedgerQuarantine(record, problem: misfit?.problem ?? "it takes the place of another", self)
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        return named
    }
}

extension LedgerQuarantine {
    fileprivate init(_ record: LedgerRecord, problem: String, _ order: QuarantineOrder) {
        self.init(
            offset: record.offset, value: record.value, problem: problem, by: order.by, reason: order.reason)
    }
}
