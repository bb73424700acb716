// SPDX-License-Identifier: Apache-2.0

import Baton

/// What a superseded handoff brought appears nowhere that only accepted ones may.
struct SupersededRule: Rule {
    static let name = "superseded"
    static let law = "a superseded handoff has no effect: its results and usage are in no state, assignment or release"

    private struct Made: Sendable {
        var handoff: SeenHandoff
        var place: Place
    }

    private struct Shown: Hashable {
        var duty: Duty
        var part: ShortDigest
    }

    private struct Known: Sendable {
        var made: [Made] = []
        var accepted: [AttemptKey: (lane: RaceLane, worker: String)] = [:]
        var triedAgain: Set<AttemptKey> = []
        var superseded: [AttemptKey: Int] = [:]
        var parts: [Shown: Place] = [:]
        var usage: [ShortDigest: Place] = [:]
    }

    private var batons: [BatonID: Known] = [:]
    private var findings = Findings(name)

    mutating func observe(_ fact: Fact) {
        switch fact.content {
        case .handoff(let handoff):
            findings.looked += 1
            batons[handoff.key.baton, default: Known()].made.append(Made(handoff: handoff, place: fact.place))
        case .journal(let entry, _): take(entry)
        case .state(let state): show(state.parts, state.usage, of: state.baton, at: fact.place)
        case .assignment(let assignment):
            show(assignment.parts, assignment.usage, of: assignment.key.baton, at: fact.place)
        case .release(let release): show([.build: release.manifest], [], of: release.baton, at: fact.place)
        default: break
        }
    }

    private mutating func take(_ entry: JournalEntry) {
        guard let duty = entry.duty, let attempt = entry.attempt else { return }
        let key = AttemptKey(baton: entry.baton, duty: duty, attempt: attempt)
        switch entry.action {
        case .handoffAccepted:
            guard batons[entry.baton]?.accepted[key] == nil, let lane = entry.lane else { return }
            batons[entry.baton, default: Known()].accepted[key] = (lane, entry.actor)
        case .retryOrdered, .takeoverOrdered: batons[entry.baton, default: Known()].triedAgain.insert(key)
        case .handoffSuperseded: batons[entry.baton, default: Known()].superseded[key, default: 0] += 1
        default: break
        }
    }

    private mutating func show(
        _ parts: [Duty: ShortDigest], _ usage: [ShortDigest], of baton: BatonID, at place: Place
    ) {
        findings.looked += 1
        var known = batons[baton] ?? Known()
        batons[baton] = nil
        for (duty, part) in parts where known.parts[Shown(duty: duty, part: part)] == nil {
            known.parts[Shown(duty: duty, part: part)] = place
        }
        for id in usage where known.usage[id] == nil { known.usage[id] = place }
        batons[baton] = known
    }

    func verdict(_ inquiry: Inquiry) -> Verdict {
        var findings = findings
        var superseded = 0
        for (baton, known) in batons {
            let counting = Self.counting(known)
            superseded += known.made.count - counting.count
            for (shown, place) in known.parts {
                let carriers = known.made.indices.filter { known.made[$0].handoff.parts[shown.duty] == shown.part }
                if carriers.contains(where: counting.contains) { continue }
                note(
                    "result", shown.duty.rawValue + "'s", carriers.map { known.made[$0] }, place, baton, inquiry,
                    &findings)
            }
            for (id, place) in known.usage {
                let carriers = known.made.indices.filter { known.made[$0].handoff.usage.contains(id) }
                if carriers.contains(where: counting.contains) { continue }
                note("usage", "a", carriers.map { known.made[$0] }, place, baton, inquiry, &findings)
            }
        }
        return findings.verdict("\(superseded) superseded")
    }

    /// The handoffs that count: of several under one name the first, for no other can be accepted.
    private static func counting(_ known: Known) -> Set<Int> {
        var counting: Set<Int> = []
        for (key, acceptance) in known.accepted {
            let first = known.made.indices.filter {
                let handoff = known.made[$0].handoff
                return handoff.key == key && handoff.lane == acceptance.lane && handoff.worker == acceptance.worker
            }.min { known.made[$0].place < known.made[$1].place }
            if let first { counting.insert(first) }
        }
        // What a failure had learned is kept for the next attempt, unless it came when it was given up already.
        for key in known.triedAgain {
            let answers = known.made.indices.filter { known.made[$0].handoff.key == key }
            let failures = answers.filter {
                known.made[$0].handoff.outcome == .failed && known.made[$0].handoff.retryable
            }
            guard answers.count > known.superseded[key] ?? 0 else { continue }
            if let first = failures.min(by: { known.made[$0].place < known.made[$1].place }) { counting.insert(first) }
        }
        return counting
    }

    private func note(
        _ what: String, _ whose: String, _ carriers: [Made], _ place: Place, _ baton: BatonID, _ inquiry: Inquiry,
        _ findings: inout Findings
    ) {
        if let carrier = carriers.first {
            findings.noteMissing(
                "superseded-\(what)", at: place, of: baton, inquiry,
                found: "\(whose) \(what), which only \(carrier.handoff.key) by \(carrier.handoff.worker) handed over "
                    + "(partition \(carrier.place.partition) offset \(carrier.place.offset) of baton-events)",
                expected: "nothing of a handoff that was not accepted")
        } else {
            findings.noteMissing(
                "\(what)-from-nowhere", at: place, of: baton, inquiry,
                found: "\(whose) \(what) that nobody handed over", expected: "what an accepted handoff holds")
        }
    }
}
