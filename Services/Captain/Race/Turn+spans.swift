// SPDX-License-Identifier: Apache-2.0

import Baton
import LegRuntime
import Operations

extension Turn {
    /// What ended with this turn: the attempt that was out, the race, both or neither.
    var spans: [Span] {
        guard trace.isSampled, let after else { return [] }
        return [attempt(until: after), race(until: after)].compactMap(\.self)
    }

    /// From the order until it was answered or given up.
    private func attempt(until after: BatonState) -> Span? {
        guard let current = before?.current, let key = before?.currentKey, after.currentKey != key else { return nil }
        let end = AttemptEnd(self, key)
        var span = Span(
            key.duty.rawValue, trace.attempt(key), below: trace.race.spanID, kind: .producer,
            from: current.assignedAt, until: after.changedAt,
            attributes: Span.attributes(of: key, lane: current.lane, worker: end.worker))
        span.attributes["relay.outcome"] = .text(end.outcome)
        if let reason = end.reason { span.attributes["relay.reason"] = .text(reason) }
        if end.isFailure { span.failure = end.reason ?? end.outcome }
        if key.attempt > 1 {
            let previous = AttemptKey(baton: baton, duty: key.duty, attempt: key.attempt - 1)
            span.links = [trace.attempt(previous).identity]
        }
        return span
    }

    /// From the accepted request to the end.
    private func race(until after: BatonState) -> Span? {
        guard after.hasEnded, before?.hasEnded != true, let ending = after.ending else { return nil }
        var span = Span(
            "release", trace.race, below: trace.requestSpanID, kind: .consumer, from: after.requestedAt,
            until: after.changedAt,
            attributes: [
                "relay.baton": .text(baton.description), "relay.model": .text(after.request.model),
                "relay.requester": .text(after.request.requester), "relay.ending": .text(ending.kind.rawValue),
                // https://opentelemetry.io/docs/specs/semconv/cloudevents/cloudevents-spans/
                "cloudevents.event_id": .text(after.requestID), "cloudevents.event_source": .text(after.requestSource),
                "cloudevents.event_type": .text(EventType.releaseRequested),
            ])
        if let reason = ending.reason { span.attributes["relay.reason"] = .text(reason) }
        if let newer = ending.supersededBy {
            span.attributes["relay.superseded_by"] = .text(newer.description)
        } else if ending.kind == .dropped {
            span.failure = ending.reason ?? ending.kind.rawValue
        }
        return span
    }
}

/// How an attempt ended.
private struct AttemptEnd {
    let outcome: String
    let reason: String?
    let worker: String?
    let isFailure: Bool

    init(_ turn: Turn, _ key: AttemptKey) {
        if let before = turn.before, before.isWithdrawing, let ending = before.ending {
            let isCancelled = ending.kind == .cancelled
            let answered: String? = if case .handedOff(let handoff) = turn.event { handoff.worker } else { nil }
            (outcome, reason, worker, isFailure) = (
                isCancelled ? "cancelled" : "given-up", ending.reason, answered ?? turn.worker, !isCancelled
            )
            return
        }
        let decided = turn.decisions.last { $0.key == key && $0.reason != nil }?.reason
        switch turn.event {
        case .handedOff(let handoff):
            // One that hands over without a result says that it completed, and is not taken for that.
            let isEmpty = handoff.outcome == .completed && !handoff.results.has(key.duty)
            let isFailure = (handoff.outcome == .failed && handoff.supersededBy == nil) || isEmpty
            outcome = isFailure ? Handoff.Outcome.failed.rawValue : handoff.outcome.rawValue
            (reason, worker, self.isFailure) = (handoff.reason ?? decided, handoff.worker, isFailure)
        case .stalled, .deadlinePassed:
            (outcome, reason, worker, isFailure) = (
                "given-up", decided ?? turn.after?.ending?.reason, turn.worker, true
            )
        case .cancelRequested(let by, let reason):
            (outcome, self.reason, worker, isFailure) = ("cancelled", "\(by): \(reason)", turn.worker, false)
        case .requested:
            (outcome, reason, worker, isFailure) = ("unknown", nil, turn.worker, false)
        }
    }
}
