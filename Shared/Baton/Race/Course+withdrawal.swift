// SPDX-License-Identifier: Apache-2.0

extension Course {
    /// Ends a baton while an attempt is out: nobody is to go on with it, and what it has used is waited for.
    mutating func callOff(_ state: BatonState, _ ending: Ending) {
        guard let current = state.current else { return end(state, ending) }
        var state = state
        if state.isLive { setLive(false, &state) }
        state.ending = ending
        // The books are closed as they would be; only the end of which they tell is another.
        guard current.duty != .closing else { return keep(state) }
        let reason = ending.sentence
        state.current?.deadline = now + policy.withdrawal
        journal(
            .decided, current.duty, attempt: current.number, lane: current.lane, reason: "called off, \(reason)",
            fact: "withdrawn/\(current.duty.rawValue)/\(current.number)")
        let key = AttemptKey(baton: baton, duty: current.duty, attempt: current.number + 1)
        commands.append(
            .withdraw(
                Assignment(
                    baton: baton, duty: current.duty, attempt: key.attempt, lane: current.lane, assignedAt: now,
                    firstAssignedAt: current.firstAssignedAt, deadline: now + policy.withdrawal,
                    request: state.request, results: Results(), usage: [], ending: nil,
                    traceparent: state.trace.attempt(key), withdrawal: .init(reason: reason))))
        keep(state)
    }

    /// The work that was called off did not end in time, or there is nobody who could say so.
    mutating func closeUntold(_ state: BatonState) {
        guard let current = state.current else { return }
        journal(
            .decided, current.duty, attempt: current.number, lane: current.lane,
            reason: "called off, and nobody said within \(policy.withdrawal.seconds) s what it used: the books are "
                + "closed without it, and the ledger has what is told later",
            fact: "untold/\(current.duty.rawValue)/\(current.number)")
        close(state)
    }
}

extension BatonState {
    /// Where the baton is, in a few words.
    public var summary: String {
        if isWithdrawing, let current, let ending {
            let attempt = "attempt \(current.number), \(current.lane.rawValue) lane"
            return "withdrawing \(current.duty.rawValue), \(attempt); then \(ending.sentence)"
        }
        if let current {
            return "at \(current.duty.rawValue), attempt \(current.number), \(current.lane.rawValue) lane"
        }
        return ending?.sentence ?? "new"
    }
}
