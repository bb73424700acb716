// SPDX-License-Identifier: Apache-2.0

/// One step of the fold under way.
struct Course {
    let policy: RacePolicy
    let baton: BatonID
    var state: BatonState?
    let now: Timestamp
    /// What tells apart facts that leave the state as it is.
    let occasion: String
    var commands: [RaceCommand] = []

    init(policy: RacePolicy, baton: BatonID, state: BatonState?, now: Timestamp, record: String?) {
        self.policy = policy
        self.baton = baton
        self.state = state
        self.now = now
        occasion = record ?? "\(now.milliseconds)"
    }

    mutating func take(_ event: RaceEvent) {
        switch (event, state) {
        case (.requested(let request, let source, let id, let traceparent), nil):
            start(request, source, id, traceparent)
        case (.requested(let request, _, _, _), .some(let state)):
            // Of an ended baton the captain does not keep the parameters.
            let others = request.differences(from: state.request, parameters: !state.hasEnded)
            let note = others.isEmpty ? "" : "; what it says of \(others.joined(separator: ", ")) is another request's"
            journal(
                .duplicateIgnored, actor: request.requester, reason: "already \(state.summary)\(note)",
                fact: "duplicate/\(occasion)")
        case (.handedOff(let handoff), .some(let state)): take(handoff, state)
        case (.handedOff(let handoff), nil): supersede(handoff, "no such baton is known")
        // A runner that was called off owes nothing but the end of its work.
        case (.stalled, .some(let state)) where state.isWithdrawing: break
        case (.deadlinePassed(let key), .some(let state)) where state.currentKey == key && state.isWithdrawing:
            closeUntold(state)
        case (.stalled(let key), .some(let state)) where state.currentKey == key:
            takeOver(state, because: "no sign of life for \(policy.silence(ofAttempt: key.attempt).seconds) s")
        case (.deadlinePassed(let key), .some(let state)) where state.currentKey == key:
            takeOver(state, because: "its time was up")
        case (.cancelRequested(let actor, let reason), .some(let state)) where state.ending == nil:
            journal(.cancelRequested, actor: actor, reason: reason)
            callOff(state, Ending(.cancelled, reason: "\(actor): \(reason)"))
        case (.stalled, _), (.deadlinePassed, _), (.cancelRequested, _): break
        }
    }

    private mutating func start(
        _ request: ReleaseRequest, _ source: String, _ id: String, _ traceparent: TraceContext?
    ) {
        var state = BatonState(
            id: baton, requestSource: source, requestID: id, request: request, traceparent: traceparent,
            requestedAt: now, changedAt: now, version: 0, current: nil, ending: nil, accepted: [],
            results: Results(), usage: [], isLive: false)
        journal(.requested, actor: request.requester, reason: request.reason)
        assign(.admission, &state)
        keep(state)
    }

    // MARK: Handoffs

    private mutating func take(_ handoff: Handoff, _ state: BatonState) {
        guard let current = state.current, handoff.key == state.currentKey, handoff.lane == current.lane else {
            return supersede(handoff, "the baton is \(state.summary)")
        }
        var state = state
        if let excess = excess(of: handoff, over: state) { return refuse(handoff, excess, state) }
        state.results.merge(handoff.results)
        guard !state.isWithdrawing else {
            // However it ended: what it used counts, and what it learned.
            accept(handoff, &state)
            return close(state)
        }
        switch handoff.outcome {
        case .completed where !handoff.results.has(handoff.duty):
            fail(handoff, "it handed over without a result", retryable: false, &state)
        case .completed:
            accept(handoff, &state)
            proceed(after: handoff.duty, state)
        case .refused:
            accept(handoff, &state)
            end(state, Ending(.refused, reason: handoff.reason))
        case .failed:
            if let newer = handoff.supersededBy {
                accept(handoff, &state)
                return end(state, Ending(supersededBy: newer))
            }
            fail(handoff, handoff.reason ?? "it failed without a reason", retryable: handoff.retryable, &state)
        }
    }

    /// Why a handoff is too large for the baton's state; nil when it is not.
    private func excess(of handoff: Handoff, over state: BatonState) -> String? {
        // The other parts have no lists: to measure them would cost as much as to write them.
        guard handoff.results.mayBeLarge else { return nil }
        var carrying = state
        carrying.results.merge(handoff.results)
        let bytes = JSON.encode(carrying).count
        guard bytes > policy.maximumStateBytes else { return nil }
        return "with its results the baton's state would be \(bytes) bytes as JSON, and at most "
            + "\(policy.maximumStateBytes) are carried: whole reports belong in the artifact store"
    }

    /// Takes what a handoff says, and not what it carries.
    private mutating func refuse(_ handoff: Handoff, _ excess: String, _ state: BatonState) {
        var state = state
        var bare = handoff
        bare.results = Results()
        let reason = handoff.reason.map { "\($0); \(excess)" } ?? excess
        guard !state.isWithdrawing else {
            accept(bare, &state, reason: reason)
            return close(state)
        }
        switch handoff.outcome {
        case .completed: fail(bare, excess, retryable: false, &state)
        case .failed where handoff.supersededBy == nil:
            fail(bare, reason, retryable: handoff.retryable, &state)
        case .failed, .refused:
            accept(bare, &state, reason: reason)
            let ending = handoff.supersededBy.map(Ending.init(supersededBy:))
            end(state, ending ?? Ending(.refused, reason: handoff.reason))
        }
    }

    private mutating func fail(_ handoff: Handoff, _ reason: String, retryable: Bool, _ state: inout BatonState) {
        guard retryable, let current = state.current, current.number < policy.attempts else {
            accept(handoff, &state, reason: reason)
            return end(state, Ending(.dropped, reason: "\(handoff.duty.rawValue): \(reason)"))
        }
        state.current?.failures += 1
        let takesOver = current.failures + 1 >= policy.failuresBeforeTakeover
        let lane = takesOver ? current.lane.other : current.lane
        journal(
            takesOver ? .takeoverOrdered : .retryOrdered, handoff.duty, attempt: handoff.attempt, lane: lane,
            reason: reason)
        assign(handoff.duty, lane: lane, &state)
        keep(state)
    }

    private mutating func accept(_ handoff: Handoff, _ state: inout BatonState, reason: String? = nil) {
        state.usage += handoff.usage.map(\.id)
        state.accepted.append(
            .init(
                duty: handoff.duty, attempt: handoff.attempt, lane: handoff.lane, worker: handoff.worker,
                outcome: handoff.outcome, acceptedAt: now))
        journal(
            .handoffAccepted, actor: handoff.worker, handoff.duty, attempt: handoff.attempt, lane: handoff.lane,
            reason: reason ?? handoff.reason)
    }

    private mutating func supersede(_ handoff: Handoff, _ reason: String) {
        journal(
            .handoffSuperseded, actor: handoff.worker, handoff.duty, attempt: handoff.attempt, lane: handoff.lane,
            reason: reason, fact: "superseded/\(handoff.key)/\(occasion)")
    }

    // MARK: The course

    private mutating func proceed(after duty: Duty, _ state: BatonState) {
        var state = state
        if duty == .approval { setLive(true, &state) }
        guard let next = duty.next else {
            state.ending = state.ending ?? Ending(.finished)
            return finish(state)
        }
        assign(next, &state)
        keep(state)
    }

    /// Takes the release off traffic and closes the books, if they were opened.
    mutating func end(_ state: BatonState, _ ending: Ending) {
        var state = state
        if state.isLive { setLive(false, &state) }
        let wasClosing = state.current?.duty == .closing
        if wasClosing {
            let books = "the books could not be closed: \(ending.reason ?? ending.kind.rawValue)"
            var first = state.ending ?? Ending(.dropped)
            first.reason = first.reason.map { "\($0); \(books)" } ?? books
            state.ending = first
        } else {
            state.ending = ending
        }
        guard !wasClosing else { return finish(state) }
        close(state)
    }

    mutating func close(_ state: BatonState) {
        guard state.results.admission != nil else { return finish(state) }
        var state = state
        assign(.closing, &state)
        keep(state)
    }

    private mutating func finish(_ state: BatonState) {
        var state = state
        state.current = nil
        journal(.ended, reason: state.ending?.sentence)
        keep(state)
    }

    private mutating func takeOver(_ state: BatonState, because reason: String) {
        guard let current = state.current else { return }
        guard current.number < policy.attempts else {
            let ending = Ending(
                .dropped, reason: "\(current.duty.rawValue): \(reason), after \(current.number) attempts")
            // Of books that nobody can close nothing is waited for.
            return current.duty == .closing ? end(state, ending) : callOff(state, ending)
        }
        var state = state
        let lane = current.lane.other
        journal(.takeoverOrdered, current.duty, attempt: current.number, lane: lane, reason: reason)
        assign(current.duty, lane: lane, &state)
        keep(state)
    }

    private mutating func assign(_ duty: Duty, lane: RaceLane = .primary, _ state: inout BatonState) {
        let previous = state.current.flatMap { $0.duty == duty ? $0 : nil }
        let attempt = BatonState.Attempt(
            duty: duty, number: (previous?.number ?? 0) + 1, lane: lane, assignedAt: now,
            firstAssignedAt: previous?.firstAssignedAt ?? now, deadline: now + policy.deadline(of: duty, state.results),
            failures: previous?.failures ?? 0)
        state.current = attempt
        let key = AttemptKey(baton: baton, duty: duty, attempt: attempt.number)
        journal(
            .assigned, duty, attempt: attempt.number, lane: lane, fact: "assigned/\(duty.rawValue)/\(attempt.number)")
        commands.append(
            .assign(
                Assignment(
                    baton: baton, duty: duty, attempt: attempt.number, lane: lane, assignedAt: now,
                    firstAssignedAt: attempt.firstAssignedAt, deadline: attempt.deadline, request: state.request,
                    results: state.results, usage: state.usage,
                    ending: duty == .closing ? state.ending ?? Ending(.finished) : nil,
                    traceparent: state.trace.attempt(key))))
    }

    mutating func setLive(_ live: Bool, _ state: inout BatonState) {
        guard let manifest = state.results.build else { return }
        state.isLive = live
        journal(
            live ? .releaseLive : .releaseWithdrawn,
            reason: "\(manifest.declaration.model.name) \(manifest.artifact.digest)")
        commands.append(
            .release(
                ReleaseRecord(
                    model: manifest.declaration.model.name, baton: baton, status: live ? .live : .withdrawn,
                    manifest: manifest, requestedAt: state.requestedAt,
                    interface: state.results.verification?.interface,
                    servedSince: live ? nil : state.results.rollout?.liveSince, changedAt: now,
                    traceparent: state.trace.race)))
    }

    // MARK: Writing

    mutating func keep(_ state: BatonState) {
        var state = state
        state.version += 1
        state.changedAt = now
        self.state = state
    }

    mutating func journal(
        _ action: JournalEntry.Action, actor: String = "captain", _ duty: Duty? = nil, attempt: Int? = nil,
        lane: RaceLane? = nil, reason: String? = nil, fact: String? = nil
    ) {
        // Facts that leave the state as it is have no version of their own to be told apart by.
        let version = (state?.version ?? 0) + 1
        let name = fact ?? action.rawValue
        commands.append(
            .journal(
                JournalEntry(
                    id: "\(baton)/\(version)/\(commands.count)/\(name)", baton: baton, action: action, actor: actor,
                    duty: duty, attempt: attempt, lane: lane, reason: reason, at: now)))
    }
}
