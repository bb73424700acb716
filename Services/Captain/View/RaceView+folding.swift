// SPDX-License-Identifier: Apache-2.0

package import Baton

extension RaceView {
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
        let isCounted = journal.action == .takeoverOrdered || journal.action == .handoffSuperseded
        guard isCounted, entries[journal.baton]?.state != nil else { return [.journal(journal)] }
        return [.journal(journal), .baton(journal.baton)]
    }

    private mutating func take(_ signal: Signal) -> [Change] {
        guard let baton = signal.baton else {
            let before = critical
            critical[signal.name] = signal.level == .critical ? signal : nil
            if critical.count > Self.alertLimit, let oldest = alerts.last { critical[oldest.name] = nil }
            return critical == before ? [] : [.alerts]
        }
        if signal.name == "cost" {
            guard let total = signal.values["total"] else { return [] }
            touch(baton, signal.at) { $0.cost = (total, signal.at) }
            return entries[baton]?.state == nil ? [] : [.summary(baton)]
        }
        touch(baton, signal.at) { $0.signals[signal.name] = signal }
        return entries[baton]?.state == nil ? [] : [.signals(baton)]
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
