// SPDX-License-Identifier: Apache-2.0

import Baton

/// Each request of the inbox becomes one baton, and each repetition of it none.
struct RequestsRule: Rule {
    static let name = "requests"
    static let law = "each request is accepted once; repeated ones change nothing, and none is lost"

    private struct Asked: Sendable {
        var sent = 0
        var lastSent: Cause?
        var passed = 0
        var firstPassed: Cause?
        var lastPassed: Cause?
        var started: Place?
        var ignored = 0
        var lastIgnored: Place?
        var state: Place?
    }

    private var batons: [BatonID: Asked] = [:]
    private var findings = Findings(name)

    mutating func observe(_ fact: Fact) {
        switch fact.content {
        case .inboxRequest(let baton):
            batons[baton, default: Asked()].sent += 1
            batons[baton]?.lastSent = Cause(fact)
        case .request(let baton):
            batons[baton, default: Asked()].passed += 1
            if batons[baton]?.firstPassed == nil { batons[baton]?.firstPassed = Cause(fact) }
            batons[baton]?.lastPassed = Cause(fact)
        case .journal(let entry, _) where entry.action == .requested: start(entry.baton, fact)
        case .journal(let entry, _) where entry.action == .duplicateIgnored:
            batons[entry.baton, default: Asked()].ignored += 1
            batons[entry.baton]?.lastIgnored = fact.place
        case .state(let state):
            if batons[state.baton]?.state == nil { batons[state.baton, default: Asked()].state = fact.place }
            return
        default: return
        }
        findings.looked += 1
    }

    private mutating func start(_ baton: BatonID, _ fact: Fact) {
        if let first = batons[baton]?.started {
            findings.note(
                "accepted-twice", at: fact.place, of: baton,
                found: "the request is accepted a second time",
                expected: "once, as at partition \(first.partition) offset \(first.offset) of the journal")
        } else {
            batons[baton, default: Asked()].started = fact.place
        }
    }

    func verdict(_ inquiry: Inquiry) -> Verdict {
        var findings = findings
        for (baton, asked) in batons {
            judgeIntake(asked, of: baton, inquiry, &findings)
            judgeStart(asked, of: baton, inquiry, &findings)
        }
        return findings.verdict("\(batons.count) batons")
    }

    private func judgeIntake(_ asked: Asked, of baton: BatonID, _ inquiry: Inquiry, _ findings: inout Findings) {
        if asked.sent > asked.passed, let cause = asked.lastSent {
            findings.await(
                "request-lost", after: cause, of: baton, inquiry,
                found: "\(asked.sent) requests on the inbox, \(asked.passed) of them on baton-events",
                expected: "each good request of the inbox is passed on once")
        }
        if asked.passed > asked.sent, let last = asked.lastPassed {
            findings.noteMissing(
                "request-from-nowhere", at: last.place, of: baton, inquiry,
                found: "\(asked.passed) requests on baton-events, \(asked.sent) on the inbox",
                expected: "each request on baton-events was on the inbox, and is passed on once")
        }
    }

    private func judgeStart(_ asked: Asked, of baton: BatonID, _ inquiry: Inquiry, _ findings: inout Findings) {
        guard let started = asked.started else {
            if let cause = asked.firstPassed {
                findings.await(
                    "request-unanswered", after: cause, of: baton, inquiry,
                    found: "the request passed the intake, and no baton was started",
                    expected: "one `requested` entry in the journal")
            }
            if let state = asked.state {
                findings.noteMissing(
                    "state-unasked", at: state, of: baton, inquiry, found: "a baton that nobody's request started",
                    expected: "a `requested` entry in the journal, in the same transaction")
            }
            return
        }
        if asked.passed == 0 {
            findings.noteMissing(
                "accepted-unasked", at: started, of: baton, inquiry, found: "a baton was started without a request",
                expected: "a request on baton-events")
        }
        if asked.state == nil {
            findings.noteMissing(
                "accepted-stateless", at: started, of: baton, inquiry, found: "a baton was started and has no state",
                expected: "its state on batons, in the same transaction")
        }
        if asked.ignored < asked.passed - 1, let cause = asked.lastPassed {
            findings.await(
                "duplicate-unanswered", after: cause, of: baton, inquiry,
                found: "\(asked.passed) requests, \(asked.ignored) of them journalled as duplicates",
                expected: "every request but the first is journalled as `duplicate-ignored`")
        }
        if asked.ignored > max(0, asked.passed - 1), let last = asked.lastIgnored {
            findings.noteMissing(
                "duplicate-from-nowhere", at: last, of: baton, inquiry,
                found: "\(asked.ignored) duplicates journalled, and \(asked.passed) requests in all",
                expected: "one `duplicate-ignored` entry for each request but the first")
        }
    }
}
