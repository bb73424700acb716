// SPDX-License-Identifier: Apache-2.0

import Baton

/// The ledger's chains hold together, from their first entries to the ends that were noted elsewhere.
struct LedgerRule: Rule {
    static let name = "ledger"
    static let law = "the ledger's chains are unbroken: no entry changed, missing or in between"

    private struct Chain: Sendable {
        var sequence: Int64 = 0
        var hash = String(repeating: "0", count: 64)
        /// By sequence, from 1; short, for a million of them may be kept.
        var hashes: [Int64: ShortDigest] = [:]
    }

    private var chains: [Int32: Chain] = [:]
    /// Ends as they were told when a baton's books were closed.
    private var noted: [(head: LedgerHead, baton: BatonID, place: Place)] = []
    private var closed: Set<BatonID> = []
    private var findings = Findings(name)

    mutating func observe(_ fact: Fact) {
        switch fact.content {
        case .entry(let entry): take(entry, at: fact.place)
        case .unreadable(let reason, _) where fact.place.channel == .ledger:
            findings.looked += 1
            findings.note(
                "not-an-entry", at: fact.place, found: "a record that is no entry: \(reason)",
                expected: "entry \((chains[fact.place.partition]?.sequence ?? 0) + 1) of the chain",
                needsHistory: false)
        case .state(let state):
            guard let closing = state.closing, closed.insert(state.baton).inserted else { return }
            noted.append((closing.ledger, state.baton, fact.place))
        default: break
        }
    }

    mutating func forgotten(before place: Place) {
        guard place.channel == .ledger else { return }
        findings.note(
            "cut-off", at: place, found: "the entries before it are not kept",
            expected: "that the ledger is kept from its first entry", needsHistory: false)
    }

    private mutating func take(_ entry: SeenEntry, at place: Place) {
        findings.looked += 1
        var chain = chains[place.partition] ?? Chain()
        chains[place.partition] = nil
        func note(_ kind: String, _ found: String, _ expected: String) {
            findings.note(kind, at: place, of: entry.baton, found: found, expected: expected, needsHistory: false)
        }
        if entry.chain != String(place.partition) {
            note("wrong-chain", "an entry of chain \(entry.chain)", "one of chain \(place.partition)")
        }
        if entry.sequence != chain.sequence + 1 {
            note("gap", "entry \(entry.sequence)", "entry \(chain.sequence + 1)")
        }
        if entry.previous != chain.hash {
            note("unlinked", "it follows the hash \(entry.previous)", "\(chain.hash), the hash of the one before")
        }
        if entry.hash != entry.digest {
            note("changed", "it states the hash \(entry.hash)", "\(entry.digest), as its bytes give")
        }
        chain.sequence = entry.sequence
        chain.hash = entry.hash
        chain.hashes[entry.sequence] = ShortDigest(entry.hash)
        chains[place.partition] = chain
    }

    func verdict(_ inquiry: Inquiry) -> Verdict {
        var findings = findings
        for (head, baton, place) in noted {
            let found = Int32(head.chain).flatMap { chains[$0]?.hashes[head.length] }
            if found == nil {
                findings.noteMissing(
                    "shortened", at: place, of: baton, inquiry,
                    found: "its books were closed with entry \(head.length) of chain \(head.chain)",
                    expected: "that entry on the ledger")
            } else if found != ShortDigest(head.hash) {
                findings.noteMissing(
                    "rewritten", at: place, of: baton, inquiry,
                    found: "its books were closed with the hash \(head.hash) of entry \(head.length) of chain "
                        + head.chain,
                    expected: "that hash on the ledger")
            }
        }
        return findings.verdict("\(chains.count) chains")
    }
}
