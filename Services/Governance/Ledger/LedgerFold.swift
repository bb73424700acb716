// SPDX-License-Identifier: Apache-2.0

package import Baton

/// The ledger's records, one after the other, as books. Pure: told what is stored, it says what that changes.
///
/// A chain counts up to where it breaks. What puts a record aside may concern what was taken in long before, so the
/// fold says that it is stale then: with what it knows now it is to be made anew, from the first record.
package struct LedgerFold: Sendable {
    /// What a record changed.
    package enum Step: Sendable, Equatable {
        /// Nothing that anybody has to hear of.
        case nothing
        /// What this baton costs.
        case cost(BatonID)
        /// Its chain breaks at it.
        case broken(ChainBreak)
    }

    /// What was taken in.
    package private(set) var books: Books
    /// What was put aside, by the entries read so far.
    package private(set) var quarantines: LedgerQuarantines
    /// Whether more was put aside than this fold passes over.
    package private(set) var isStale = false
    private var verifier: LedgerVerifier
    /// The next offset of each chain; what is before it has been taken in.
    private var next: [String: Int64] = [:]

    /// - Parameter quarantines: what is to be passed over.
    package init(currency: String, passing quarantines: LedgerQuarantines = LedgerQuarantines()) {
        books = Books(currency: currency)
        self.quarantines = quarantines
        verifier = LedgerVerifier(passing: quarantines, remembersFacts: false)
    }

    /// Takes in the next record of its chain.
    package mutating func take(_ record: LedgerRecord) -> Step {
        let chain = record.chain
        guard record.offset >= next[chain] ?? 0 else { return .nothing }
        next[chain] = record.offset + 1
        // Behind a break nothing counts but what may mend it.
        if books.breaks[chain] != nil {
            noteQuarantine(record)
            return .nothing
        }
        switch verifier.check(value: record.value, in: chain, at: record.offset) {
        case .quarantined: return .nothing
        case .misfit:
            noteQuarantine(record)
            let found = ChainBreak(
                chain: chain, offset: record.offset,
                problem: verifier.violations.last { $0.offset == record.offset }?.problem ?? "it does not belong",
                since: record.writtenAt)
            books.note(found)
            return .broken(found)
        case .link(let entry):
            if case .quarantine = entry.fact { noteQuarantine(record) }
            guard books.fold(entry), let baton = entry.fact.baton else { return .nothing }
            return .cost(baton)
        }
    }

    private mutating func noteQuarantine(_ record: LedgerRecord) {
        let before = quarantines
        guard quarantines.note(value: record.value, in: record.chain, at: record.offset) else { return }
        isStale = isStale || quarantines != before
    }
}
