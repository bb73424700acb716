// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime

/// The ends of chains that batons' states note.
struct NotedEnds: Sendable {
    private(set) var heads: [LedgerHead] = []

    mutating func take(_ record: ConsumerRecord) {
        // A state that cannot be read notes nothing; the captain and the judge say so.
        guard record.value != nil, let event = try? record.cloudEvent(), let state = try? BatonState.read(event),
            let closing = state.results.closing
        else { return }
        heads.append(closing.ledger)
    }

    /// The longest end of a chain that was noted.
    func last(of chain: String) -> Int64? { heads.filter { $0.chain == chain }.map(\.length).max() }
}

/// The ledger's records, checked one after the other. Pure.
struct LedgerPages: Sendable {
    private let noted: NotedEnds
    private let partitions: [Int32]
    private var quarantines = LedgerQuarantines()
    private var verifier: LedgerVerifier
    private var passed = LedgerQuarantines()
    private var asides: [LedgerVerdict.Aside] = []

    init(noted: NotedEnds, partitions: [Int32]) {
        (self.noted, self.partitions) = (noted, partitions)
        verifier = LedgerVerifier(expecting: noted.heads)
    }

    /// Whether more was put aside than has been passed over.
    var mustReadAgain: Bool { quarantines != passed }

    /// Begins anew, passing over what is known to be put aside.
    mutating func begin() {
        verifier = LedgerVerifier(expecting: noted.heads, passing: quarantines)
        (passed, asides) = (quarantines, [])
    }

    mutating func take(_ record: ConsumerRecord) {
        let (chain, value) = (String(record.partition), record.value ?? [])
        quarantines.note(value: value, in: chain, at: record.offset)
        if case .link(let entry) = verifier.check(value: value, in: chain, at: record.offset),
            case .quarantine(let aside) = entry.fact
        {
            asides.append(.init(chain: chain, record: aside))
        }
    }

    mutating func verdict() -> LedgerVerdict {
        verifier.finish()
        return LedgerVerdict(
            heads: verifier.heads, violations: verifier.violations.map(\.description), quarantined: asides,
            unseen: unseen)
    }

    private var unseen: [String] {
        let lengths = Dictionary(verifier.heads.map { ($0.chain, $0.length) }) { first, _ in first }
        return partitions.sorted().compactMap { partition in
            let chain = String(partition)
            let length = lengths[chain] ?? 0
            guard let last = noted.last(of: chain) else {
                return length == 0
                    ? "chain \(chain): empty, and no closed books name it"
                    : "chain \(chain): no closed books note an end of it, so it was checked in itself alone"
            }
            guard length > last else { return nil }
            return "chain \(chain): entries \(last + 1) to \(length) came after the last end that closed books note"
        }
    }
}
