// SPDX-License-Identifier: Apache-2.0

import Baton

/// Every baton reaches an end within its bound.
struct EndingsRule: Rule {
    static let name = "endings"
    static let law = "every baton reaches an end within its bound"

    private struct Known: Sendable {
        var cause: Cause
        var requestedAt: Timestamp
        var ended: (at: Timestamp, place: Place)?
    }

    private var batons: [BatonID: Known] = [:]
    private var spans: [BatonID: [Duty: Duration]] = [:]
    private var findings = Findings(name)

    mutating func observe(_ fact: Fact) {
        switch fact.content {
        case .state(let state):
            if batons[state.baton] == nil {
                findings.looked += 1
                batons[state.baton] = Known(cause: Cause(fact), requestedAt: state.requestedAt)
            }
            if state.hasEnded, batons[state.baton]?.ended == nil {
                batons[state.baton]?.ended = (state.changedAt, fact.place)
            }
        case .assignment(let assignment):
            let (baton, duty) = (assignment.key.baton, assignment.key.duty)
            let longest = max(spans[baton]?[duty] ?? .zero, assignment.span)
            spans[baton, default: [:]][duty] = longest
        default: break
        }
    }

    func verdict(_ inquiry: Inquiry) -> Verdict {
        var findings = findings
        var longest = Duration.zero
        for (baton, known) in batons {
            let bound = inquiry.bound ?? declared(spans[baton] ?? [:], attempts: inquiry.attempts)
            if let (at, place) = known.ended {
                let took = at - known.requestedAt
                longest = max(longest, took)
                guard took > bound else { continue }
                findings.note(
                    "late-end", at: place, of: baton, found: "it ended after \(took.seconds) s",
                    expected: "an end within \(bound.seconds) s")
            } else {
                findings.open += 1
                let age = max(known.cause.age(at: inquiry.now), inquiry.now - known.requestedAt)
                guard age > bound, inquiry.cut.contains(known.cause.place) else { continue }
                findings.note(
                    "no-end", at: known.cause.place, of: baton, found: "it has not ended after \(age.seconds) s",
                    expected: "an end within \(bound.seconds) s")
            }
        }
        return findings.verdict(longest > .zero ? "longest \(longest.seconds) s" : nil)
    }

    /// What is declared: each duty's time for each of its attempts. Duties that were not assigned get the captain's
    /// usual time.
    private func declared(_ spans: [Duty: Duration], attempts: Int) -> Duration {
        let usual = RacePolicy()
        return Duty.allCases.reduce(.zero) { sum, duty in
            sum + (spans[duty] ?? (duty == .build ? usual.buildDeadline : usual.deadline)) * attempts
        }
    }
}
