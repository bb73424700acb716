// SPDX-License-Identifier: Apache-2.0

import Baton

/// All records of one chain, read from the first, with what was put aside passed over.
package struct ChainWalk: Sendable {
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
