// SPDX-License-Identifier: Apache-2.0

import Baton

/// What cannot be read is set aside once, as it was, with the reason and where it came from.
struct DeadLettersRule: Rule {
    static let name = "dead-letters"
    static let law = "what cannot be read is set aside once by each of its readers, with reason and origin"

    private struct Known: Sendable {
        var unreadable: Cause?
        var value: SeenValue?
        var letters: [(place: Place, reader: String?, value: SeenValue)] = []
    }

    /// Topics whose readers set aside what they cannot read.
    private static let read: Set<Channel> = [
        .inbox, .batonEvents, .pipeline, .deploy, .monitor, .governance, .journal, .usage,
    ]
    /// Topics that the suite alone writes and nobody can set aside from.
    private static let own: Set<Channel> = [.batons, .releases]

    private var origins: [Place: Known] = [:]
    private var kept: [Cut.Partition: Int64] = [:]
    private var findings = Findings(name)

    mutating func observe(_ fact: Fact) {
        switch fact.content {
        case .unreadable(let reason, let value): takeUnreadable(reason, value, fact)
        case .deadLetter(let letter): take(letter, at: fact.place)
        default: break
        }
    }

    mutating func forgotten(before place: Place) {
        kept[Cut.Partition(channel: place.channel, partition: place.partition)] = place.offset
    }

    private mutating func takeUnreadable(_ reason: String, _ value: SeenValue, _ fact: Fact) {
        if Self.own.contains(fact.place.channel) {
            findings.looked += 1
            findings.note(
                "unreadable", at: fact.place, found: "a record that cannot be read: \(reason)",
                expected: "what the suite writes", needsHistory: false)
        }
        guard Self.read.contains(fact.place.channel) else { return }
        findings.looked += 1
        origins[fact.place, default: Known()].unreadable = Cause(fact)
        origins[fact.place]?.value = value
    }

    private mutating func take(_ letter: SeenLetter, at place: Place) {
        findings.looked += 1
        if !letter.missing.isEmpty {
            findings.note(
                "incomplete", at: place, found: "no \(letter.missing.joined(separator: ", no "))",
                expected: "reason, origin and reader in the headers", needsHistory: false)
        }
        guard let origin = letter.origin else {
            if letter.missing.isEmpty {
                findings.note(
                    "origin-unknown", at: place, found: "an origin that is no topic of the relay",
                    expected: "topic, partition and offset of a record", needsHistory: false)
            }
            return
        }
        origins[origin, default: Known()].letters.append((place, letter.reader, letter.value))
    }

    func verdict(_ inquiry: Inquiry) -> Verdict {
        var findings = findings
        for (origin, known) in origins {
            judgeCount(known, origin, inquiry, &findings)
            for letter in known.letters { judge(letter.value, letter.place, known, origin, inquiry, &findings) }
        }
        return findings.verdict("\(origins.values.reduce(0) { $0 + $1.letters.count }) letters")
    }

    private func judgeCount(_ known: Known, _ origin: Place, _ inquiry: Inquiry, _ findings: inout Findings) {
        // A leg's topic is read by two groups, and each sets aside for itself.
        let readers = origin.channel.leg == nil ? 1 : 2
        if let cause = known.unreadable, known.letters.count < readers {
            findings.await(
                "not-set-aside", after: cause, inquiry,
                found: "a record that cannot be read, with \(known.letters.count) dead letters",
                expected: readers == 1 ? "one dead letter" : "one dead letter of each lane")
        }
        for letter in known.letters.sorted(by: { $0.place < $1.place }).dropFirst(readers) {
            findings.note(
                "set-aside-again", at: letter.place,
                found: "another dead letter of \(origin.channel.rawValue) partition \(origin.partition) offset "
                    + "\(origin.offset)",
                expected: readers == 1 ? "one" : "one of each lane", needsHistory: false)
        }
    }

    private func judge(
        _ value: SeenValue, _ place: Place, _ known: Known, _ origin: Place, _ inquiry: Inquiry,
        _ findings: inout Findings
    ) {
        if let original = known.value, !original.agrees(with: value) {
            findings.note(
                "altered", at: place, found: "a value that differs from the record's",
                expected: "the record as it was received", needsHistory: false)
        }
        let first = kept[Cut.Partition(channel: origin.channel, partition: origin.partition)] ?? 0
        if known.unreadable == nil, origin.channel == .inbox, origin.offset >= first {
            findings.noteMissing(
                "set-aside-wrongly", at: place, inquiry,
                found: "a dead letter of inbox partition \(origin.partition) offset \(origin.offset)",
                expected: "that a good request is passed on")
        }
    }
}
