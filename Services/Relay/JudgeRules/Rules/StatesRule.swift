// SPDX-License-Identifier: Apache-2.0

import Baton

/// The states of a baton are a legal walk, written by one captain at a time, and say what the journal says.
struct StatesRule: Rule {
    static let name = "states"
    static let law = "a baton's states follow each other, from one partition, and agree with the decisions"

    private struct Known: Sendable {
        var first: Place
        var state: SeenState
        var place: Place
    }

    /// States are compared within a partition: between two there is no order.
    private struct Writer: Hashable {
        var baton: BatonID
        var partition: Int32
    }

    private struct Decision: Sendable, Hashable {
        var duty: Duty
        var attempt: Int
        var lane: RaceLane
        var worker: String
    }

    private var written: [Writer: Known] = [:]
    private var decisions: [BatonID: [Decision: Place]] = [:]
    private var partitions: [BatonID: Int32] = [:]
    private var findings = Findings(name)

    mutating func observe(_ fact: Fact) {
        switch fact.content {
        case .state(let state):
            findings.looked += 1
            check(state, at: fact.place)
            let writer = Writer(baton: state.baton, partition: fact.place.partition)
            let before = written[writer]
            if let before { compare(before.state, state, fact.place) }
            written[writer] = Known(first: before?.first ?? fact.place, state: state, place: fact.place)
        case .request(let baton): partitions[baton] = fact.place.partition
        case .journal(let entry, _) where entry.action == .handoffAccepted:
            guard let duty = entry.duty, let attempt = entry.attempt, let lane = entry.lane else { return }
            let decision = Decision(duty: duty, attempt: attempt, lane: lane, worker: entry.actor)
            if decisions[entry.baton]?[decision] == nil {
                decisions[entry.baton, default: [:]][decision] = fact.place
            }
        default: break
        }
    }

    // MARK: One state

    private mutating func check(_ state: SeenState, at place: Place) {
        func note(_ kind: String, _ found: String, _ expected: String) {
            findings.note(
                kind, at: place, of: state.baton, found: found, expected: expected, needsHistory: false)
        }
        if state.baton != state.derived {
            note("wrong-name", "a state of baton \(state.baton)", "\(state.derived), by its request's source and id")
        }
        if !state.isKeyed { note("wrong-key", "a state under another key", "the baton's id as key") }
        let duties = state.accepted.map(\.duty)
        if Set(duties).count != duties.count {
            note("accepted-twice", "a duty is among the accepted ones twice", "each duty once")
        }
        if state.current == nil, state.ending == nil {
            note("lost", "nothing is out and no end is known", "an attempt that is out, or how the baton ended")
        }
        let completed = Set(state.accepted.filter { $0.outcome == .completed }.map(\.duty))
        if let current = state.current, current.duty != .closing {
            let before = Duty.allCases.prefix { $0 != current.duty }
            if let missing = before.first(where: { !completed.contains($0) }) {
                note(
                    "out-of-order", "\(current.duty.rawValue) is out", "that \(missing.rawValue) was completed before")
            }
        }
        if state.ending?.kind == .finished, completed.count != Duty.allCases.count {
            note("finished-early", "it has finished with \(completed.count) duties", "all \(Duty.allCases.count)")
        }
        if state.isLive, !completed.contains(.approval) {
            note("live-unapproved", "its release is live", "an accepted approval before")
        }
    }

    // MARK: Two states

    private mutating func compare(_ old: SeenState, _ state: SeenState, _ place: Place) {
        var problems: [(String, String, String)] = []
        if state.version <= old.version {
            problems.append(
                ("version-back", "version \(state.version) after \(old.version)", "a version above \(old.version)"))
        }
        if state.origin != old.origin {
            problems.append(("request-changed", "another request", "the request that started the baton"))
        }
        if old.hasEnded {
            problems.append(("changed-after-end", "version \(state.version)", "no state after the end"))
        }
        if let ending = old.ending, state.ending?.kind != ending.kind {
            problems.append(
                (
                    "end-changed", "it ends as \(state.ending?.kind.rawValue ?? "nothing")",
                    "\(ending.kind.rawValue), as was decided"
                ))
        }
        if !state.accepted.starts(with: old.accepted) {
            problems.append(
                ("acceptance-changed", "other accepted handoffs than before", "those of before, and new ones"))
        }
        if let current = state.current, let last = old.current, !Self.mayFollow(current, last) {
            problems.append(
                (
                    "attempt-back", "\(current.duty.rawValue), attempt \(current.number) is out",
                    "what follows \(last.duty.rawValue), attempt \(last.number)"
                ))
        }
        for (kind, found, expected) in problems {
            findings.note(kind, at: place, of: state.baton, found: found, expected: expected, needsHistory: false)
        }
    }

    private static func mayFollow(_ next: BatonState.Attempt, _ last: BatonState.Attempt) -> Bool {
        if next.duty == last.duty { return next.number > last.number || isSame(next, last) }
        let course = Duty.allCases
        return (course.firstIndex(of: next.duty) ?? 0) > (course.firstIndex(of: last.duty) ?? 0)
    }

    /// An attempt that is called off gets a deadline of its own.
    private static func isSame(_ next: BatonState.Attempt, _ last: BatonState.Attempt) -> Bool {
        var last = last
        last.deadline = next.deadline
        return next == last
    }

    // MARK: State and decisions

    func verdict(_ inquiry: Inquiry) -> Verdict {
        var findings = findings
        var last: [BatonID: Known] = [:]
        for (writer, known) in written {
            let baton = writer.baton
            if let partition = partitions[baton], partition != writer.partition {
                findings.note(
                    "two-writers", at: known.first, of: baton, found: "a state in partition \(writer.partition)",
                    expected: "partition \(partition), as its events: whoever owns those writes the states")
                continue
            }
            last[baton] = known
        }
        for (baton, known) in last { judge(known, decisions[baton] ?? [:], inquiry, &findings) }
        return findings.verdict("\(last.count) batons")
    }

    private func judge(
        _ known: Known, _ decisions: [Decision: Place], _ inquiry: Inquiry, _ findings: inout Findings
    ) {
        let baton = known.state.baton
        let accepted = Set(
            known.state.accepted.map {
                Decision(duty: $0.duty, attempt: $0.attempt, lane: $0.lane, worker: $0.worker)
            })
        for missing in accepted where decisions[missing] == nil {
            findings.noteMissing(
                "acceptance-undecided", at: known.place, of: baton, inquiry,
                found: "the state counts \(missing.duty.rawValue), attempt \(missing.attempt), by \(missing.worker)",
                expected: "a `handoff-accepted` entry in the journal, in the same transaction")
        }
        for (decision, place) in decisions where !accepted.contains(decision) {
            findings.noteMissing(
                "acceptance-unkept", at: place, of: baton, inquiry,
                found: "\(decision.duty.rawValue), attempt \(decision.attempt), by \(decision.worker) is accepted",
                expected: "that the baton's state counts it")
        }
    }
}
