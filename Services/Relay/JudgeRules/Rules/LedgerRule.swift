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

    /// A record, for when it turns out that some are to be passed over.
    private struct Record: Sendable {
        var offset: Int64
        var value: ShortDigest?
        /// nil when it is no entry.
        var link: Link?
    }

    private struct Link: Sendable {
        var sequence: Int64
        var previous: ShortDigest
        var hash: ShortDigest
    }

    private struct Note: Sendable {
        var kind: String
        var place: Place
        var baton: BatonID?
        var found: String
        var expected: String
    }

    private var chains: [Int32: Chain] = [:]
    private var records: [Int32: [Record]] = [:]
    private var notes: [Int32: [Note]] = [:]
    /// Records that were put aside, by the offset of the entry that says so.
    private var asides: [Int32: [Int64: SeenEntry.Aside]] = [:]
    /// Ends as they were told when a baton's books were closed.
    private var noted: [(head: LedgerHead, baton: BatonID, place: Place)] = []
    private var closed: Set<BatonID> = []
    private var findings = Findings(name)

    mutating func observe(_ fact: Fact) {
        switch fact.content {
        case .entry(let entry): take(entry, at: fact.place)
        case .unreadable(let reason, let value) where fact.place.channel == .ledger:
            findings.looked += 1
            let (partition, offset) = (fact.place.partition, fact.place.offset)
            records[partition, default: []].append(Record(offset: offset, value: value.digest))
            notes[partition, default: []].append(
                Note(
                    kind: "not-an-entry", place: fact.place, found: "a record that is no entry: \(reason)",
                    expected: "entry \((chains[partition]?.sequence ?? 0) + 1) of the chain"))
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
        func make(_ kind: String, _ found: String, _ expected: String) -> Note {
            Note(kind: kind, place: place, baton: entry.baton, found: found, expected: expected)
        }
        var notes: [Note] = []
        if entry.chain != String(place.partition) {
            notes.append(
                make("wrong-chain", "an entry of chain \(entry.chain)", "one of chain \(place.partition)"))
        }
        if entry.sequence != chain.sequence + 1 {
            notes.append(make("gap", "entry \(entry.sequence)", "entry \(chain.sequence + 1)"))
        }
        if entry.previous != chain.hash {
            notes.append(
                make("unlinked", "it follows the hash \(entry.previous)", "\(chain.hash), the hash of the one before"))
        }
        if entry.hash != entry.digest {
            notes.append(
                make("changed", "it states the hash \(entry.hash)", "\(entry.digest), as its bytes give"))
        }
        chain.sequence = entry.sequence
        chain.hash = entry.hash
        chain.hashes[entry.sequence] = ShortDigest(entry.hash)
        chains[place.partition] = chain
        if !notes.isEmpty { self.notes[place.partition, default: []] += notes }
        let link = Link(
            sequence: entry.sequence, previous: ShortDigest(entry.previous), hash: ShortDigest(entry.hash))
        records[place.partition, default: []].append(Record(offset: place.offset, value: entry.value, link: link))
        if let aside = entry.aside { asides[place.partition, default: [:]][place.offset] = aside }
    }

    /// A chain without what was put aside; the newest word first, which may put an older one aside.
    private func walk(_ partition: Int32) -> (notes: [Note], hashes: [Int64: ShortDigest]) {
        guard let named = asides[partition] else { return (notes[partition] ?? [], chains[partition]?.hashes ?? [:]) }
        var passed: [Int64: ShortDigest] = [:]
        for (offset, aside) in named.sorted(by: { $0.key > $1.key }) where passed[offset] == nil {
            passed[aside.offset] = aside.value
        }
        let own = Dictionary(grouping: notes[partition] ?? [], by: \.place.offset)
        var (found, hashes): ([Note], [Int64: ShortDigest]) = ([], [:])
        var (sequence, hash) = (Int64(0), ShortDigest(Chain().hash))
        for record in records[partition] ?? [] {
            if let value = record.value, passed[record.offset] == value { continue }
            let place = Place(channel: .ledger, partition: partition, offset: record.offset)
            guard let link = record.link else {
                found += own[record.offset] ?? []
                continue
            }
            // What is wrong with it by itself.
            found += (own[record.offset] ?? []).filter { $0.kind == "wrong-chain" || $0.kind == "changed" }
            if link.sequence != sequence + 1 || link.previous != hash {
                found.append(
                    Note(
                        kind: link.sequence == sequence + 1 ? "unlinked" : "gap", place: place,
                        found: "entry \(link.sequence), which does not follow entry \(sequence)",
                        expected: "entry \(sequence + 1), without what was put aside"))
            }
            (sequence, hash, hashes[link.sequence]) = (link.sequence, link.hash, link.hash)
        }
        return (found, hashes)
    }

    func verdict(_ inquiry: Inquiry) -> Verdict {
        var findings = findings
        var hashes: [Int32: [Int64: ShortDigest]] = [:]
        for partition in records.keys {
            let walk = self.walk(partition)
            hashes[partition] = walk.hashes
            for note in walk.notes {
                findings.note(
                    note.kind, at: note.place, of: note.baton, found: note.found, expected: note.expected,
                    needsHistory: false)
            }
        }
        for (head, baton, place) in noted {
            let found = Int32(head.chain).flatMap { hashes[$0]?[head.length] }
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
        let aside = asides.values.reduce(0) { $0 + $1.count }
        return findings.verdict("\(chains.count) chains" + (aside > 0 ? ", \(aside) records put aside" : ""))
    }
}
