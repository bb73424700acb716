// SPDX-License-Identifier: Apache-2.0

import Baton

/// Of each duty one handoff is accepted, it answers an assignment that was made, and every handoff is judged once.
struct HandoffsRule: Rule {
    static let name = "handoffs"
    static let law = "of each baton and duty one handoff counts; it was really made, and for an assignment really given"

    private struct Attempt: Sendable {
        var handoffs: [(lane: RaceLane, worker: String, cause: Cause)] = []
        var lanes: Set<RaceLane> = []
        var judged = 0
        var lastJudged: Place?
        var isTakenOver = false
        var mayBeTriedAgain = false
    }

    private struct Acceptance: Sendable {
        var key: AttemptKey
        var lane: RaceLane
        var worker: String
        var place: Place
    }

    private struct DutyKey: Hashable {
        var baton: BatonID
        var duty: Duty
    }

    private var attempts: [AttemptKey: Attempt] = [:]
    private var accepted: [DutyKey: Acceptance] = [:]
    private var findings = Findings(name)

    mutating func observe(_ fact: Fact) {
        switch fact.content {
        case .handoff(let handoff):
            findings.looked += 1
            attempts[handoff.key, default: Attempt()].handoffs.append((handoff.lane, handoff.worker, Cause(fact)))
            if handoff.outcome == .failed, handoff.retryable { attempts[handoff.key]?.mayBeTriedAgain = true }
        case .assignment(let assignment) where !assignment.isWithdrawal:
            attempts[assignment.key, default: Attempt()].lanes.insert(assignment.lane)
        case .journal(let entry, _): take(entry, at: fact.place)
        default: break
        }
    }

    private mutating func take(_ entry: JournalEntry, at place: Place) {
        guard let duty = entry.duty, let number = entry.attempt else {
            if entry.action == .handoffAccepted {
                findings.note(
                    "accepted-nameless", at: place, of: entry.baton, found: "a handoff is accepted without its name",
                    expected: "duty, attempt and lane")
            }
            return
        }
        let key = AttemptKey(baton: entry.baton, duty: duty, attempt: number)
        switch entry.action {
        case .handoffAccepted: accept(key, entry, place)
        case .handoffSuperseded, .retryOrdered: break
        case .takeoverOrdered:
            attempts[key, default: Attempt()].isTakenOver = true
            return
        default: return
        }
        findings.looked += 1
        attempts[key, default: Attempt()].judged += 1
        attempts[key]?.lastJudged = place
    }

    private mutating func accept(_ key: AttemptKey, _ entry: JournalEntry, _ place: Place) {
        let duty = DutyKey(baton: key.baton, duty: key.duty)
        if let first = accepted[duty] {
            findings.note(
                "accepted-twice", at: place, of: key.baton,
                found: "\(key.duty.rawValue) of attempt \(key.attempt) is accepted, after attempt \(first.key.attempt)",
                expected: "one accepted handoff, as at offset \(first.place.offset) of the journal's partition "
                    + "\(first.place.partition)")
            return
        }
        accepted[duty] = Acceptance(key: key, lane: entry.lane ?? .primary, worker: entry.actor, place: place)
    }

    func verdict(_ inquiry: Inquiry) -> Verdict {
        var findings = findings
        for acceptance in accepted.values { judge(acceptance, inquiry, &findings) }
        for (key, attempt) in attempts { judge(attempt, key, inquiry, &findings) }
        return findings.verdict("\(accepted.count) accepted")
    }

    private func judge(_ acceptance: Acceptance, _ inquiry: Inquiry, _ findings: inout Findings) {
        let key = acceptance.key
        let attempt = attempts[key] ?? Attempt()
        let name = "\(key.duty.rawValue), attempt \(key.attempt), \(acceptance.lane.rawValue) lane"
        if !attempt.lanes.contains(acceptance.lane) {
            findings.noteMissing(
                "accepted-unassigned", at: acceptance.place, of: key.baton, inquiry,
                found: "a handoff of \(name) is accepted, and nobody was assigned that",
                expected: "the assignment on legs.\(key.duty.leg.rawValue)")
        }
        if !attempt.handoffs.contains(where: { $0.lane == acceptance.lane && $0.worker == acceptance.worker }) {
            findings.noteMissing(
                "accepted-unmade", at: acceptance.place, of: key.baton, inquiry,
                found: "a handoff of \(name) by \(acceptance.worker) is accepted, and there is none",
                expected: "the handoff on baton-events")
        }
    }

    private func judge(_ attempt: Attempt, _ key: AttemptKey, _ inquiry: Inquiry, _ findings: inout Findings) {
        // A failure that makes the other lane take over has no entry of its own, and the takeover's is not told from
        // that of a stall.
        let byTakeover = attempt.isTakenOver && attempt.mayBeTriedAgain ? 1 : 0
        let (made, judged) = (attempt.handoffs.count, attempt.judged + byTakeover)
        if made > judged, let last = attempt.handoffs.last {
            findings.await(
                "handoff-unjudged", after: last.cause, of: key.baton, inquiry,
                found: "\(made) handoffs of \(key), \(judged) of them judged",
                expected: "each is accepted, superseded, or tried again")
        }
        if attempt.judged > made, let place = attempt.lastJudged {
            findings.noteMissing(
                "judged-from-nowhere", at: place, of: key.baton, inquiry,
                found: "\(attempt.judged) judgements on handoffs of \(key), and \(made) handoffs",
                expected: "each handoff on baton-events is judged once")
        }
    }
}
