// SPDX-License-Identifier: Apache-2.0

package import Baton

/// An operator's order to put records of a chain aside.
package struct QuarantineOrder: Codable, Sendable, Equatable {
    /// The chain's partition.
    package var partition: Int32
    /// The records; those that plainly do not belong when none are named.
    package var offsets: [Int64]
    /// Who gives it.
    package var by: String
    /// Why.
    package var reason: String

    /// An order as an operator gives it.
    package init(partition: Int32, offsets: [Int64], by: String, reason: String) {
        self.partition = partition
        self.offsets = offsets
        self.by = by
        self.reason = reason
    }

    /// What is put aside, and the chain without it.
    /// - Parameter records: all of the chain.
    /// - Throws: `Refusal` when that would not mend the chain, with what would.
    package func plan(_ records: [LedgerRecord]) throws(Refusal) -> (asides: [LedgerQuarantine], walk: ChainWalk) {
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
