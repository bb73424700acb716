// SPDX-License-Identifier: Apache-2.0

import Baton

/// Of each model one release at most is live, and the releases topic says what the decisions say.
struct ReleasesRule: Rule {
    static let name = "releases"
    static let law = "a model has one live release at most, and releases go live and are withdrawn as was decided"

    private struct Known: Sendable {
        var model: String?
        var live: Place?
        var withdrawn: Place?
        var decidedLive: Place?
        var decidedWithdrawn: Place?
        var state: (isLive: Bool, ending: Ending?, requestedAt: Timestamp, place: Place)?
        var served: Place?
    }

    private var batons: [BatonID: Known] = [:]
    private var findings = Findings(name)

    mutating func observe(_ fact: Fact) {
        switch fact.content {
        case .release(let release): take(release, at: fact.place)
        case .journal(let entry, _) where entry.action == .releaseLive:
            batons[entry.baton, default: Known()].decidedLive = fact.place
        case .journal(let entry, _) where entry.action == .releaseWithdrawn:
            batons[entry.baton, default: Known()].decidedWithdrawn = fact.place
        case .state(let state):
            batons[state.baton, default: Known()].state = (
                state.isLive, state.hasEnded ? state.ending : nil, state.requestedAt, fact.place
            )
            return
        case .prediction(let answer):
            let baton = answer.baton
            if batons[baton]?.served == nil { batons[baton, default: Known()].served = fact.place }
        default: return
        }
        findings.looked += 1
    }

    private mutating func take(_ release: SeenRelease, at place: Place) {
        var known = batons[release.baton] ?? Known()
        func note(_ kind: String, _ found: String, _ expected: String) {
            findings.note(kind, at: place, of: release.baton, found: found, expected: expected, needsHistory: false)
        }
        if place.partition != 0 {
            note(
                "two-orders", "a release in partition \(place.partition)",
                "partition 0: in two partitions two could be the newest, and both be live")
        }
        if !release.isKeyed { note("wrong-key", "a release under another key", "\(release.model)/\(release.baton)") }
        if let model = known.model, model != release.model {
            note("two-models", "a release of \(release.model)", "\(model), as before")
        }
        known.model = known.model ?? release.model
        switch release.status {
        case .live:
            if known.live != nil { note("live-twice", "it goes live again", "each release once") }
            if known.withdrawn != nil { note("live-again", "it goes live after it was withdrawn", "a new baton") }
            known.live = place
        case .withdrawn:
            if known.withdrawn != nil { note("withdrawn-twice", "it is withdrawn again", "each release once") }
            known.withdrawn = place
        }
        batons[release.baton] = known
    }

    func verdict(_ inquiry: Inquiry) -> Verdict {
        var findings = findings
        var live: [String: Int] = [:]
        var superseded = 0
        for (baton, known) in batons {
            if known.live != nil, known.withdrawn == nil, let model = known.model { live[model, default: 0] += 1 }
            judgeDecisions(known, baton, inquiry, &findings)
            judgeState(known, baton, inquiry, &findings)
            if let newer = known.state?.ending?.supersededBy {
                superseded += 1
                judgeSuperseded(known, baton, by: newer, inquiry, &findings)
            }
            if let served = known.served, known.decidedLive == nil {
                findings.noteMissing(
                    "served-unreleased", at: served, of: baton, inquiry,
                    found: "a prediction by a release that never went live", expected: "a live release")
            }
        }
        return findings.verdict(
            "\(live.count) models live" + (superseded > 0 ? ", \(superseded) superseded by newer ones" : ""))
    }

    private func judgeSuperseded(
        _ known: Known, _ baton: BatonID, by newer: BatonID, _ inquiry: Inquiry, _ findings: inout Findings
    ) {
        guard let state = known.state else { return }
        func note(_ kind: String, _ expected: String) {
            findings.noteMissing(
                kind, at: state.place, of: baton, inquiry, found: "it was superseded by \(newer)", expected: expected)
        }
        guard let other = batons[newer], other.decidedLive != nil else {
            return note("superseded-by-none", "a release of that baton that went live")
        }
        if let model = known.model, let its = other.model, model != its {
            note("superseded-elsewhere", "a release of \(model), not of \(its)")
        }
        guard let its = other.state else { return }
        if (its.requestedAt, newer) < (state.requestedAt, baton) {
            note("superseded-by-older", "a release that was asked for later, and that was at \(its.requestedAt)")
        }
    }

    private func judgeDecisions(_ known: Known, _ baton: BatonID, _ inquiry: Inquiry, _ findings: inout Findings) {
        if let live = known.live, known.decidedLive == nil {
            findings.noteMissing(
                "live-undecided", at: live, of: baton, inquiry, found: "a release goes live",
                expected: "a `release-live` entry in the journal, in the same transaction")
        }
        // The topic is compacted: a withdrawal may be all that is left.
        if let decided = known.decidedLive, known.live == nil, known.withdrawn == nil {
            findings.noteMissing(
                "live-missing", at: decided, of: baton, inquiry, found: "a release is journalled as live",
                expected: "its record on releases, in the same transaction")
        }
        if let withdrawn = known.withdrawn, known.decidedWithdrawn == nil {
            findings.noteMissing(
                "withdrawal-undecided", at: withdrawn, of: baton, inquiry, found: "a release is withdrawn",
                expected: "a `release-withdrawn` entry in the journal, in the same transaction")
        }
        if let decided = known.decidedWithdrawn, known.withdrawn == nil {
            findings.noteMissing(
                "withdrawal-missing", at: decided, of: baton, inquiry, found: "a release is journalled as withdrawn",
                expected: "its record on releases, in the same transaction")
        }
    }

    private func judgeState(_ known: Known, _ baton: BatonID, _ inquiry: Inquiry, _ findings: inout Findings) {
        guard let state = known.state else { return }
        let isLive = known.live != nil && known.withdrawn == nil
        if state.isLive != isLive {
            findings.noteMissing(
                "state-disagrees", at: state.place, of: baton, inquiry,
                found: "the baton's state says that its release is \(state.isLive ? "live" : "not live")",
                expected: "what releases says: \(isLive ? "live" : "not live")")
        }
        if state.isLive, let ending = state.ending, ending.kind != .finished {
            let word = ending.supersededBy.map { "superseded by \($0)" } ?? ending.kind.rawValue
            findings.note(
                "left-live", at: state.place, of: baton,
                found: "it was \(word) and its release is still live",
                expected: "that the release is withdrawn", needsHistory: false)
        }
    }
}
