// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Everything that this captain has read about the batons, whoever decides about them: what queries and the screen
/// show. Bounded: the batons that were touched longest ago are forgotten, those that are out last of all.
package struct RaceView: Sendable {
    /// A fact that changes the view.
    package enum Fact: Sendable {
        case state(BatonState)
        case progress(Progress)
        case journal(JournalEntry)
        case signal(Signal)
        case prediction(SeenPrediction)
    }

    /// What somebody who watches must be told.
    package enum Change: Sendable, Equatable {
        /// Its state is known for the first time.
        case appeared(BatonID)
        case baton(BatonID)
        case summary(BatonID)
        case journal(JournalEntry)
        /// The signals about a baton.
        case signals(BatonID)
        /// What is critical and concerns no single baton.
        case alerts
    }

    struct Entry: Sendable {
        var state: BatonState?
        var progress: ProgressReport?
        var cost: (units: Double, asOf: Timestamp)?
        var journal: [JournalEntry] = []
        var signals: [String: Signal] = [:]
        var traffic: TrafficMeter?
        var takeovers = 0
        var superseded = 0
        var touchedAt: Timestamp
        var isOut: Bool { state.map { !$0.hasEnded } ?? false }
    }

    static let journalLimit = 500
    static let alertLimit = 50

    /// How many batons are remembered.
    package let limit: Int
    var entries: [BatonID: Entry] = [:]
    /// What is critical and concerns no single baton, by name, until it is said to be over.
    var critical: [String: Signal] = [:]

    /// - Parameter limit: How many batons are remembered.
    package init(limit: Int = 1000) { self.limit = limit }

    // MARK: Reading

    /// The state of a baton as it was last read.
    package func state(of baton: BatonID) -> BatonState? { entries[baton]?.state }

    /// What is critical now and concerns no single baton, the newest first.
    package var alerts: [Signal] { critical.values.sorted { ($0.at, $0.name) > ($1.at, $1.name) } }

    /// The newest batons first.
    package func summaries(at now: Timestamp) -> [BatonSummary] {
        entries.values.compactMap { summary($0, at: now) }.sorted {
            ($0.requestedAt, $0.id) > ($1.requestedAt, $1.id)
        }
    }

    /// One baton in a few facts; nil while its state is not known.
    package func summary(of baton: BatonID, at now: Timestamp) -> BatonSummary? {
        entries[baton].flatMap { summary($0, at: now) }
    }

    func summary(_ entry: Entry, at now: Timestamp) -> BatonSummary? {
        guard let state = entry.state else { return nil }
        return BatonSummary(
            id: state.id, model: state.request.model, requester: state.request.requester,
            reason: state.request.reason, phase: Phase(state), duty: state.current?.duty,
            leg: state.current?.duty.leg, lane: state.current?.lane, attempt: state.current?.number,
            assignedAt: state.current?.assignedAt, deadline: state.current?.deadline,
            progress: progress(entry, state), cost: cost(entry, state),
            ending: state.ending, traceID: state.trace.traceID, requestedAt: state.requestedAt,
            changedAt: state.changedAt, version: state.version, takeovers: entry.takeovers,
            superseded: entry.superseded,
            elapsedSeconds: ((state.hasEnded ? state.changedAt : now) - state.requestedAt).seconds,
            ageSeconds: (now - max(entry.touchedAt, state.changedAt)).seconds)
    }

    /// The last report of the attempt that is out.
    func progress(_ entry: Entry, _ state: BatonState) -> ProgressReport? {
        entry.progress.flatMap { $0.progress.key == state.currentKey ? $0 : nil }
    }

    /// The closed books once there are any; what governance last said until then.
    func cost(_ entry: Entry, _ state: BatonState) -> CostReport? {
        if let closing = state.results.closing {
            return CostReport(total: closing.total, asOf: state.changedAt, isFinal: true)
        }
        // Governance says amounts in the currency in which it admitted the baton.
        guard let (units, asOf) = entry.cost, let admission = state.results.admission else { return nil }
        let total = Money(units, currency: admission.available.currency)
        return CostReport(total: total, asOf: asOf, isFinal: false)
    }
}
