// SPDX-License-Identifier: Apache-2.0

import Baton

/// Assignments follow from accepted handoffs, retries and takeovers, one at a time, and end with the baton.
struct CourseRule: Rule {
    static let name = "course"
    static let law =
        "an assignment follows the handoff before it, counts attempts by one, in the lane that the rule says"

    private struct Order: Sendable {
        var written = 0
        var journalled = 0
        var place: Place
    }

    fileprivate struct StepKey: Hashable {
        var baton: BatonID
        var step: Walk.Step
    }

    private struct Proceeding: Sendable {
        var duty: Duty
        var place: Place
        var worker: String
        var attempt: Int
    }

    private let attempts: Int
    private var walks: [BatonID: Walk] = [:]
    private var orders: [StepKey: Order] = [:]
    private var reports: [StepKey: Place] = [:]
    private var outcomes: [AttemptKey: [String: Handoff.Outcome]] = [:]
    private var accepted: [BatonID: Proceeding] = [:]
    private var proceedings: [(AttemptKey, worker: String, next: Duty, place: Place)] = []
    private var findings = Findings(name)

    init(attempts: Int) { self.attempts = attempts }

    mutating func observe(_ fact: Fact) {
        switch fact.content {
        case .journal(let entry, _): take(entry, at: fact.place)
        case .assignment(let assignment):
            findings.looked += 1
            // No order of work: it is decided with the end of the baton.
            guard !assignment.isWithdrawal else { return }
            let key = StepKey(assignment.key, assignment.lane)
            let count = (orders[key]?.written ?? 0) + 1
            orders[key, default: Order(place: fact.place)].written = count
            orders[key]?.place = fact.place
            guard count > 1 else { return }
            findings.note(
                "assigned-twice", at: fact.place, of: assignment.key.baton,
                found: "\(key.step.description) is assigned a second time", expected: "each attempt once")
        case .handoff(let handoff):
            // Of several under one name the first is the one that can count.
            if outcomes[handoff.key]?[handoff.worker] == nil {
                outcomes[handoff.key, default: [:]][handoff.worker] = handoff.outcome
            }
        case .progress(let key, let lane):
            findings.looked += 1
            let step = StepKey(key, lane)
            if reports[step] == nil { reports[step] = fact.place }
        default: break
        }
    }

    private mutating func take(_ entry: JournalEntry, at place: Place) {
        let missteps = walks[entry.baton, default: Walk()].take(entry, attempts: attempts)
        for misstep in missteps {
            findings.note(
                misstep.kind, at: place, of: entry.baton, found: misstep.found, expected: misstep.expected)
        }
        guard let duty = entry.duty, let attempt = entry.attempt, let lane = entry.lane else { return }
        switch entry.action {
        case .handoffAccepted:
            accepted[entry.baton] = Proceeding(duty: duty, place: place, worker: entry.actor, attempt: attempt)
        case .assigned:
            findings.looked += 1
            let key = StepKey(AttemptKey(baton: entry.baton, duty: duty, attempt: attempt), lane)
            if orders[key] == nil { orders[key] = Order(place: place) }
            orders[key]?.journalled += 1
            if let last = accepted.removeValue(forKey: entry.baton), last.duty.next == duty {
                let answered = AttemptKey(baton: entry.baton, duty: last.duty, attempt: last.attempt)
                proceedings.append((answered, last.worker, duty, place))
            }
        default: break
        }
    }

    func verdict(_ inquiry: Inquiry) -> Verdict {
        var findings = findings
        for (key, order) in orders where order.written != order.journalled {
            judge(order, key, inquiry, &findings)
        }
        for (answered, worker, next, place) in proceedings where next != .closing {
            guard let outcome = outcomes[answered]?[worker], outcome != .completed else { continue }
            findings.note(
                "proceeded-wrongly", at: place, of: answered.baton,
                found: "\(next.rawValue) is assigned though \(answered.duty.rawValue) was \(outcome.rawValue)",
                expected: "a baton goes on when the duty before was completed")
        }
        for (key, place) in reports where orders[key] == nil {
            findings.noteMissing(
                "progress-unassigned", at: place, of: key.baton, inquiry,
                found: "work on \(key.step.description)", expected: "an assignment of it")
        }
        return findings.verdict()
    }

    private func judge(_ order: Order, _ key: StepKey, _ inquiry: Inquiry, _ findings: inout Findings) {
        if order.written == 0 {
            findings.noteMissing(
                "assignment-missing", at: order.place, of: key.baton, inquiry,
                found: "\(key.step.description) is journalled as assigned",
                expected: "the assignment on legs.\(key.step.duty.leg.rawValue), in the same transaction")
        } else if order.journalled == 0 {
            findings.noteMissing(
                "assignment-undecided", at: order.place, of: key.baton, inquiry,
                found: "\(key.step.description) is assigned, and the captain decided no such thing",
                expected: "an `assigned` entry in the journal, in the same transaction")
        }
    }
}

extension CourseRule.StepKey {
    fileprivate init(_ key: AttemptKey, _ lane: RaceLane) {
        self.init(baton: key.baton, step: Walk.Step(duty: key.duty, attempt: key.attempt, lane: lane))
    }
}
