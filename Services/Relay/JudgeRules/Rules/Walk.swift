// SPDX-License-Identifier: Apache-2.0

import Baton

/// The course of one baton, followed from decision to decision as the journal tells them.
struct Walk: Sendable {
    /// An attempt and its lane.
    struct Step: Hashable, Sendable {
        var duty: Duty
        var attempt: Int
        var lane: RaceLane

        var description: String { "\(duty.rawValue), attempt \(attempt), \(lane.rawValue) lane" }
    }

    /// What is wrong with a decision.
    struct Misstep: Sendable, Equatable {
        var kind: String
        var found: String
        var expected: String
    }

    private enum Position: Sendable {
        case nowhere, started
        case out(Step)
        case ordered(Step)
        case accepted(Duty)
        case live, cancelled, withdrawn, ended
    }

    private var position = Position.nowhere
    /// What was out when the baton was called off: its answer still counts, and ends nothing.
    private var calledOff: Step?
    private var isAdmitted = false
    private var isLive = false
    private var wasClosing = false

    /// Whether nothing more may follow.
    var hasEnded: Bool { if case .ended = position { true } else { false } }

    /// Takes a decision. After a wrong one the walk goes on from where that one leads, so that each is told once.
    /// - Parameter attempts: how many a duty has.
    mutating func take(_ entry: JournalEntry, attempts: Int) -> [Misstep] {
        switch entry.action {
        case .requested:
            defer { position = .started }
            if case .nowhere = position { return [] }
            return [misstep("started-again", "the baton is started again", "it is started once, before all else")]
        case .assigned: return assign(entry, attempts)
        case .handoffAccepted: return accept(entry)
        case .retryOrdered, .takeoverOrdered: return order(entry)
        case .releaseLive:
            defer { (position, isLive) = (.live, true) }
            if case .accepted(.approval) = position { return [] }
            return [misstep("live-early", "the release goes live", "it does so when its approval is accepted")]
        case .releaseWithdrawn: return withdraw(attempts)
        case .cancelRequested: return cancel()
        case .ended: return end(attempts)
        case .duplicateIgnored, .handoffSuperseded, .decided: return []
        }
    }

    // MARK: Assignments

    private mutating func assign(_ entry: JournalEntry, _ attempts: Int) -> [Misstep] {
        guard let step = Step(entry) else { return [nameless("assigned-nameless")] }
        let before = position
        defer {
            position = .out(step)
            if step.duty == .build { isAdmitted = true }
            if step.duty == .closing { wasClosing = true }
        }
        switch before {
        case .ended: return [misstep("assigned-after-end", "\(step.description) is assigned", "nothing: it has ended")]
        case .nowhere:
            return [misstep("assigned-unrequested", "\(step.description) is assigned", "a `requested` entry first")]
        case .started: return compare(step, [Step(duty: .admission, attempt: 1, lane: .primary)])
        case .ordered(let next): return compare(step, [next])
        case .live: return compare(step, [Step(duty: .rollout, attempt: 1, lane: .primary)])
        case .cancelled, .withdrawn: return compare(step, [Step(duty: .closing, attempt: 1, lane: .primary)])
        case .accepted(let duty):
            let next = [calledOff == nil ? duty.next : nil, .closing].compactMap(\.self).filter { $0 != duty }
            return compare(step, next.map { Step(duty: $0, attempt: 1, lane: .primary) })
        case .out(let out):
            // A duty that used up its attempts is given up without another word.
            let closing = Step(duty: .closing, attempt: 1, lane: .primary)
            if step == closing, out.duty != .closing, out.attempt >= attempts { return [] }
            return [
                misstep(
                    "assigned-early", "\(step.description) is assigned while \(out.description) is out",
                    "its handoff, a retry or a takeover first")
            ]
        }
    }

    private func compare(_ step: Step, _ expected: [Step]) -> [Misstep] {
        if expected.contains(step) { return [] }
        let same = expected.first { $0.duty == step.duty }
        let kind =
            same == nil ? "duty-out-of-order" : same?.attempt != step.attempt ? "attempt-miscounted" : "wrong-lane"
        return [
            misstep(
                kind, "\(step.description) is assigned", expected.map(\.description).joined(separator: ", or "))
        ]
    }

    // MARK: Answers

    /// The attempt that may be answered, retried or taken over.
    private var out: Step? {
        switch position {
        case .out(let out): out
        // The books of a baton that is called off while they are being closed are closed all the same.
        case .cancelled, .withdrawn: calledOff.flatMap { $0.duty == .closing ? $0 : nil }
        default: nil
        }
    }

    private mutating func accept(_ entry: JournalEntry) -> [Misstep] {
        guard let step = Step(entry) else { return [nameless("accepted-nameless")] }
        switch position {
        case .out(step):
            position = .accepted(step.duty)
            return []
        case .cancelled where step == calledOff, .withdrawn where step == calledOff:
            position = .accepted(step.duty)
            return []
        case .ended:
            return [misstep("accepted-after-end", "a handoff of \(step.description) is accepted", "it is superseded")]
        case .out(let out):
            position = .accepted(step.duty)
            return [
                misstep(
                    "accepted-not-out", "a handoff of \(step.description) is accepted",
                    "one of \(out.description), which is out")
            ]
        default:
            return [
                misstep(
                    "accepted-not-out", "a handoff of \(step.description) is accepted",
                    "an assignment of that before it, and no other decision in between")
            ]
        }
    }

    private mutating func order(_ entry: JournalEntry) -> [Misstep] {
        let kind = entry.action == .takeoverOrdered ? "takeover" : "retry"
        guard let step = Step(entry) else { return [nameless("\(kind)-nameless")] }
        var missteps: [Misstep] = []
        if entry.reason?.isEmpty ?? true {
            missteps.append(misstep("\(kind)-without-reason", "a \(kind) of \(step.description)", "the reason for it"))
        }
        if let out, out.duty == step.duty, out.attempt == step.attempt {
            calledOff = calledOff == nil ? nil : Step(duty: out.duty, attempt: out.attempt + 1, lane: step.lane)
            let lane = entry.action == .takeoverOrdered ? out.lane.other : out.lane
            if step.lane != lane {
                missteps.append(
                    misstep("wrong-lane", "a \(kind) of \(step.description)", "the \(lane.rawValue) lane"))
            }
        } else {
            missteps.append(
                misstep("\(kind)-not-out", "a \(kind) of \(step.description)", "that attempt, which must be out"))
        }
        if !hasEnded { position = .ordered(Step(duty: step.duty, attempt: step.attempt + 1, lane: step.lane)) }
        return missteps
    }

    // MARK: Ends

    private mutating func withdraw(_ attempts: Int) -> [Misstep] {
        let wasLive = isLive
        isLive = false
        let mayFollow: Bool
        switch position {
        case .accepted, .cancelled: mayFollow = true
        case .out(let out):
            mayFollow = out.attempt >= attempts
            calledOff = out
        case .nowhere, .started, .ordered, .live, .withdrawn, .ended: mayFollow = false
        }
        if !hasEnded { position = .withdrawn }
        if wasLive, mayFollow { return [] }
        return [
            misstep(
                "withdrawn-wrongly", "the release is withdrawn",
                "a live one, of a baton that is cancelled, refused or dropped")
        ]
    }

    private mutating func cancel() -> [Misstep] {
        guard case .out(let out) = position else {
            return [misstep("cancelled-wrongly", "the baton is called off", "that only while an attempt is out")]
        }
        (position, calledOff) = (.cancelled, out)
        return []
    }

    private mutating func end(_ attempts: Int) -> [Misstep] {
        defer { position = .ended }
        let mayFollow: Bool
        switch position {
        case .accepted, .cancelled, .withdrawn: mayFollow = true
        case .out(let out): mayFollow = out.attempt >= attempts
        case .nowhere, .started, .ordered, .live: mayFollow = false
        case .ended: return [misstep("ended-twice", "the baton ends again", "one end")]
        }
        guard mayFollow else {
            return [misstep("ended-early", "the baton ends", "that what is out is answered or given up first")]
        }
        if isAdmitted, !wasClosing {
            return [misstep("closing-skipped", "the baton ends", "that its books are closed: it was admitted")]
        }
        return []
    }

    private func misstep(_ kind: String, _ found: String, _ expected: String) -> Misstep {
        Misstep(kind: kind, found: found, expected: expected)
    }

    private func nameless(_ kind: String) -> Misstep {
        misstep(kind, "a decision about no attempt", "duty, attempt and lane")
    }
}

extension Walk.Step {
    fileprivate init?(_ entry: JournalEntry) {
        guard let duty = entry.duty, let attempt = entry.attempt, let lane = entry.lane else { return nil }
        self.init(duty: duty, attempt: attempt, lane: lane)
    }
}
