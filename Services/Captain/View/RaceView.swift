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
        case signal(Signal)
    }

    private struct Entry: Sendable {
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
    private var entries: [BatonID: Entry] = [:]
    /// What is critical and concerns no single baton, by name, until it is said to be over.
    private var critical: [String: Signal] = [:]

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

    /// All that is told of a baton, in the form that other programs read.
    package func report(of baton: BatonID) -> BatonReport? {
        guard let entry = entries[baton], let state = entry.state else { return nil }
        return BatonReport(
            state: state, progress: progress(entry, state)?.progress, cost: cost(entry, state)?.total,
            journal: entry.journal, asOf: max(entry.touchedAt, state.changedAt))
    }

    /// The same for the screen.
    package func shown(_ baton: BatonID, at now: Timestamp) -> ShownBaton? {
        guard let entry = entries[baton], let state = entry.state, let summary = summary(entry, at: now) else {
            return nil
        }
        var traffic = entry.traffic
        return ShownBaton(
            summary: summary, state: state, journal: entry.journal,
            signals: entry.signals.values.sorted { ($0.at, $0.name) > ($1.at, $1.name) },
            traffic: traffic?.report(at: now))
    }

    private func summary(_ entry: Entry, at now: Timestamp) -> BatonSummary? {
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
    private func progress(_ entry: Entry, _ state: BatonState) -> ProgressReport? {
        entry.progress.flatMap { $0.progress.key == state.currentKey ? $0 : nil }
    }

    /// The closed books once there are any; what governance last said until then.
    private func cost(_ entry: Entry, _ state: BatonState) -> CostReport? {
        if let closing = state.results.closing {
            return CostReport(total: closing.total, asOf: state.changedAt)
        }
        // Governance says amounts in the currency in which it admitted the baton.
        guard let (units, asOf) = entry.cost, let admission = state.results.admission else { return nil }
        return CostReport(total: Money(units, currency: admission.available.currency), asOf: asOf)
    }

    // MARK: Folding

    /// Takes a fact in.
    /// - Returns: what changed for those who watch; nothing when the fact was known.
    package mutating func take(_ fact: Fact, at now: Timestamp) -> [Change] {
        defer { forgetOldest() }
        switch fact {
        case .state(let state): return take(state)
        case .progress(let progress): return take(progress, at: now)
        case .journal(let entry): return take(entry)
        case .signal(let signal): return take(signal)
        case .prediction(let prediction):
            touch(prediction.baton, prediction.at) { entry in
                if entry.traffic == nil { entry.traffic = TrafficMeter(since: now) }
                entry.traffic?.add(prediction)
            }
            return []
        }
    }

    /// Traffic numbers that changed since they were last asked for.
    package mutating func changedTraffic(at now: Timestamp) -> [(baton: BatonID, report: TrafficReport)] {
        var reports: [(BatonID, TrafficReport)] = []
        for (baton, entry) in entries where entry.traffic?.isChanged == true {
            if let report = entries[baton]?.traffic?.report(at: now) { reports.append((baton, report)) }
        }
        return reports.sorted { $0.0 < $1.0 }
    }

    private mutating func touch(_ baton: BatonID, _ at: Timestamp, _ change: (inout Entry) -> Void) {
        var entry = entries[baton] ?? Entry(touchedAt: at)
        change(&entry)
        entry.touchedAt = max(entry.touchedAt, at)
        entries[baton] = entry
    }

    private mutating func take(_ state: BatonState) -> [Change] {
        if let known = entries[state.id]?.state, known.version >= state.version { return [] }
        let isNew = entries[state.id]?.state == nil
        touch(state.id, state.changedAt) { $0.state = state }
        return [isNew ? .appeared(state.id) : .baton(state.id)]
    }

    private mutating func take(_ progress: Progress, at now: Timestamp) -> [Change] {
        // A report may overtake the state that it belongs to, so it is kept and shown once the two fit.
        touch(progress.baton, now) { entry in
            if let current = entry.state?.currentKey, current != progress.key, current.duty == progress.duty,
                current.attempt > progress.attempt
            {
                return
            }
            var progress = progress
            progress.fraction = min(max(progress.fraction, 0), 1)
            entry.progress = ProgressReport(progress: progress, heardAt: now)
        }
        return entries[progress.baton]?.state == nil ? [] : [.summary(progress.baton)]
    }

    private mutating func take(_ journal: JournalEntry) -> [Change] {
        if entries[journal.baton]?.journal.contains(where: { $0.id == journal.id }) == true { return [] }
        touch(journal.baton, journal.at) { entry in
            entry.journal.append(journal)
            if entry.journal.count > Self.journalLimit { entry.journal.removeFirst() }
            if journal.action == .takeoverOrdered { entry.takeovers += 1 }
            if journal.action == .handoffSuperseded { entry.superseded += 1 }
        }
        return [.journal(journal)]
    }

    private mutating func take(_ signal: Signal) -> [Change] {
        guard let baton = signal.baton else {
            critical[signal.name] = signal.level == .critical ? signal : nil
            if critical.count > Self.alertLimit, let oldest = alerts.last { critical[oldest.name] = nil }
            return [.signal(signal)]
        }
        if signal.name == "cost" {
            guard let total = signal.values["total"] else { return [] }
            touch(baton, signal.at) { $0.cost = (total, signal.at) }
            return entries[baton]?.state == nil ? [] : [.summary(baton)]
        }
        touch(baton, signal.at) { $0.signals[signal.name] = signal }
        return [.signal(signal)]
    }

    private mutating func forgetOldest() {
        // Sorting is dear, so it waits until it is worth it.
        guard entries.count > limit + limit / 8 else { return }
        let oldest = entries.sorted { left, right in
            left.value.isOut == right.value.isOut
                ? left.value.touchedAt < right.value.touchedAt : !left.value.isOut
        }
        for (baton, _) in oldest.prefix(entries.count - limit) { entries[baton] = nil }
    }
}
