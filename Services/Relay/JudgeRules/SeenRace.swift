// SPDX-License-Identifier: Apache-2.0

package import Baton

extension Results {
    /// What is there, by duty.
    fileprivate var parts: [Duty: ShortDigest] {
        var parts: [Duty: ShortDigest] = [:]
        parts[.admission] = admission.map { ShortDigest(of: $0) }
        parts[.build] = build.map { ShortDigest(of: $0) }
        parts[.verification] = verification.map { ShortDigest(of: $0) }
        parts[.approval] = approval.map { ShortDigest(of: $0) }
        parts[.rollout] = rollout.map { ShortDigest(of: $0) }
        parts[.watch] = watch.map { ShortDigest(of: $0) }
        parts[.closing] = closing.map { ShortDigest(of: $0) }
        return parts
    }
}

extension SeenHandoff {
    /// What the rules look at of a handoff.
    package init(_ handoff: Handoff) {
        self.init(
            key: handoff.key, lane: handoff.lane, worker: handoff.worker, outcome: handoff.outcome,
            retryable: handoff.retryable, parts: handoff.results.parts, usage: handoff.usage.map { ShortDigest($0.id) })
    }
}

extension SeenState {
    /// What the rules look at of a state, and of its record's key.
    package init(_ state: BatonState, key: [UInt8]?) {
        let origin = [state.requestSource, state.requestID, "\(state.requestedAt)"]
        self.init(
            baton: state.id, derived: BatonID(source: state.requestSource, id: state.requestID),
            isKeyed: key == Array(state.id.description.utf8),
            origin: ShortDigest(JSON.encode(origin) + JSON.encode(state.request)), requestedAt: state.requestedAt,
            changedAt: state.changedAt, version: state.version, current: state.current, ending: state.ending,
            accepted: state.accepted, parts: state.results.parts, usage: state.usage.map { ShortDigest($0) },
            closing: state.results.closing, watch: state.results.watch.map(SeenWatch.init), isLive: state.isLive)
    }
}

extension SeenAssignment {
    /// What the rules look at of an assignment.
    package init(_ assignment: Assignment) {
        self.init(
            key: assignment.key, lane: assignment.lane, span: assignment.deadline - assignment.assignedAt,
            parts: assignment.results.parts, usage: assignment.usage.map { ShortDigest($0) },
            isWithdrawal: assignment.withdrawal != nil)
    }
}

extension SeenRelease {
    /// What the rules look at of a release, and of its record's key.
    package init(_ release: ReleaseRecord, key: [UInt8]?) {
        self.init(
            baton: release.baton, model: release.model, status: release.status,
            manifest: ShortDigest(of: release.manifest), isKeyed: key == Array(release.key.utf8))
    }
}
