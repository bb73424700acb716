// SPDX-License-Identifier: Apache-2.0

import Baton

/// Every decision and every consumption is in the ledger once, and the sums are those of the entries.
struct BooksRule: Rule {
    static let name = "books"
    static let law = "every decision and consumption is entered once, as it was, and costs add up"

    private struct Slot: Sendable {
        var source: Cause?
        var content: ShortDigest?
        var entry: Place?
        var entered: ShortDigest?
        var origin: Place?
        var micros: Int64 = 0
    }

    private struct Account: Sendable {
        var micros: Int64 = 0
        var closing: (Closing, Place)?
        /// Consumptions that were handed over when the books were to be closed.
        var usage: [ShortDigest] = []
        var attempt = 0
    }

    private var slots: [ShortDigest: Slot] = [:]
    /// Further contents under an id, which nothing that the suite writes has.
    private var variants: [ShortDigest: Set<ShortDigest>] = [:]
    private var accounts: [BatonID: Account] = [:]
    /// Consumptions in handoffs whose record has not been read.
    private var claimed: [ShortDigest: (place: Place, baton: BatonID)] = [:]
    private var setAside: Set<Place> = []
    /// Records of the ledger that count for nothing, as it says itself.
    private var quarantined: Set<Place> = []
    private var doubles: [(second: Place, first: Place, baton: BatonID)] = []
    private var kept: [Cut.Partition: Int64] = [:]
    private var currency = ""
    private var findings = Findings(name)

    mutating func observe(_ fact: Fact) {
        switch fact.content {
        case .journal(_, let id): source(id, fact)
        case .usage(let id):
            source(id, fact)
            claimed[id.id] = nil
        case .entry(let entry): enter(entry, fact.place)
        case .handoff(let handoff):
            for id in handoff.usage where slots[id]?.source == nil && claimed[id] == nil {
                claimed[id] = (fact.place, handoff.key.baton)
            }
        case .assignment(let assignment) where assignment.key.duty == .closing:
            guard accounts[assignment.key.baton]?.attempt ?? 0 < assignment.key.attempt else { return }
            accounts[assignment.key.baton, default: Account()].usage = assignment.usage
            accounts[assignment.key.baton]?.attempt = assignment.key.attempt
        case .state(let state):
            guard let closing = state.closing, accounts[state.baton]?.closing == nil else { return }
            accounts[state.baton, default: Account()].closing = (closing, fact.place)
        case .deadLetter(let letter): if let origin = letter.origin { setAside.insert(origin) }
        default: break
        }
    }

    mutating func forgotten(before place: Place) {
        kept[Cut.Partition(channel: place.channel, partition: place.partition)] = place.offset
    }

    private mutating func source(_ id: SeenID, _ fact: Fact) {
        findings.looked += 1
        if let known = slots[id.id], known.source != nil {
            if known.content != id.content { variants[id.id, default: []].insert(id.content) }
            return
        }
        slots[id.id, default: Slot()].source = Cause(fact)
        slots[id.id]?.content = id.content
    }

    private mutating func enter(_ entry: SeenEntry, _ place: Place) {
        findings.looked += 1
        if let aside = entry.aside {
            quarantined.insert(Place(channel: .ledger, partition: place.partition, offset: aside.offset))
        }
        // Of what is about the ledger itself nothing was told elsewhere.
        guard let baton = entry.baton else { return }
        accounts[baton, default: Account()].micros += entry.price?.micros ?? 0
        currency = entry.price?.currency ?? currency
        if let first = slots[entry.fact.id]?.entry {
            doubles.append((place, first, baton))
            return
        }
        slots[entry.fact.id, default: Slot()].entry = place
        slots[entry.fact.id]?.entered = entry.fact.content
        slots[entry.fact.id]?.origin = entry.origin
        slots[entry.fact.id]?.micros = entry.price?.micros ?? 0
        if entry.origin?.partition != place.partition {
            findings.note(
                "wrong-chain", at: place, of: entry.baton,
                found: "a fact of partition \(entry.origin.map { String($0.partition) } ?? "no known topic")",
                expected: "one of partition \(place.partition), which feeds this chain", needsHistory: false)
        }
    }

    // MARK: Judging

    func verdict(_ inquiry: Inquiry) -> Verdict {
        var findings = findings
        for (id, slot) in slots { judge(slot, id, inquiry, &findings) }
        for (second, first, baton) in doubles where quarantined.isDisjoint(with: [second, first]) {
            findings.note(
                "entered-twice", at: second, of: baton, found: "a fact is entered again",
                expected: "once, as at partition \(first.partition) offset \(first.offset) of the ledger",
                needsHistory: false)
        }
        for (_, claim) in claimed {
            findings.noteMissing(
                "usage-missing", at: claim.place, of: claim.baton, inquiry,
                found: "a handoff with a consumption that is not on usage",
                expected: "its record, in the same transaction")
        }
        var total: Int64 = 0
        for (baton, account) in accounts {
            total += account.micros
            if let (closing, place) = account.closing {
                judge(closing, account, baton, place, inquiry, &findings)
            }
        }
        return findings.verdict("\(slots.count) facts, \(Money(micros: total, currency: currency))")
    }

    private func judge(_ slot: Slot, _ id: ShortDigest, _ inquiry: Inquiry, _ findings: inout Findings) {
        guard let entry = slot.entry else {
            guard let source = slot.source, !setAside.contains(source.place) else { return }
            return findings.await(
                "not-entered", after: source, inquiry, found: "a fact that is not in the ledger",
                expected: "its entry, or a dead letter that says why there is none")
        }
        if quarantined.contains(entry) { return }
        // What its topic does not keep any more cannot be compared.
        let isKept = slot.origin.map {
            $0.offset >= kept[Cut.Partition(channel: $0.channel, partition: $0.partition)] ?? 0
        }
        guard isKept ?? true else { return }
        guard let source = slot.source else {
            return findings.noteMissing(
                "entered-from-nowhere", at: entry, inquiry, found: "an entry of a fact that was never told",
                expected: "its record on journal or usage")
        }
        if let entered = slot.entered, entered != slot.content, variants[id]?.contains(entered) != true {
            findings.note(
                "entered-otherwise", at: entry, found: "an entry that differs from the record it names",
                expected: "the fact as at partition \(source.place.partition) offset \(source.place.offset) of "
                    + source.place.channel.rawValue, needsHistory: false)
        } else if slot.origin != source.place {
            findings.note(
                "wrong-origin", at: entry, found: "an entry that names another record as its origin",
                expected: "partition \(source.place.partition) offset \(source.place.offset) of "
                    + source.place.channel.rawValue, needsHistory: false)
        }
    }

    private func judge(
        _ closing: Closing, _ account: Account, _ baton: BatonID, _ place: Place, _ inquiry: Inquiry,
        _ findings: inout Findings
    ) {
        let parts = closing.parts.values.reduce(0) { $0 + $1.micros }
        if parts != closing.total.micros {
            findings.note(
                "parts-differ", at: place, of: baton, found: "parts of \(parts) millionths",
                expected: "the total, \(closing.total.micros)", needsHistory: false)
        }
        let handedOver = account.usage.reduce(0) { $0 + (slots[$1]?.micros ?? 0) }
        if closing.total.micros < handedOver {
            findings.noteMissing(
                "charge-missing", at: place, of: baton, inquiry, found: "books closed at \(closing.total)",
                expected: "at least the \(handedOver) millionths of the accepted handoffs' consumptions")
        }
        if closing.total.micros > account.micros {
            findings.noteMissing(
                "charge-from-nowhere", at: place, of: baton, inquiry, found: "books closed at \(closing.total)",
                expected: "at most the \(account.micros) millionths of the baton's entries")
        }
    }
}
