// SPDX-License-Identifier: Apache-2.0

package import Baton

/// What queries answer, and what the screen draws.
extension RaceView {
    static let snapshotLimit = 16
    static let shownJournalLimit = 60

    /// All that is told of a baton; nil while its state is not known.
    package func answer(of baton: BatonID, at now: Timestamp) -> BatonAnswer? {
        guard let entry = entries[baton], let state = entry.state, let summary = summary(entry, at: now) else {
            return nil
        }
        return BatonAnswer(
            report: report(entry, state), summary: summary, signals: signals(entry), traffic: traffic(entry, at: now))
    }

    /// The newest batons first.
    /// - Parameter complete: False while what happened before is still being read.
    package func list(at now: Timestamp, complete: Bool) -> BatonListAnswer {
        let batons = summaries(at: now).compactMap { summary in
            entries[summary.id].flatMap { entry in
                entry.state.map { ListedBaton(line: BatonLine(report(entry, $0)), summary: summary) }
            }
        }
        return BatonListAnswer(now: now, complete: complete, batons: batons)
    }

    /// All that is drawn when there is nothing yet: the newest batons, and those that are still out.
    package func snapshot(at now: Timestamp) -> ScreenSnapshot {
        let summaries = summaries(at: now)
        let newest = summaries.prefix(Self.snapshotLimit)
        let out = summaries.dropFirst(Self.snapshotLimit).filter { $0.phase == .running }
        let batons = (newest + out.prefix(Self.snapshotLimit)).compactMap {
            screen(of: $0.id, at: now, withJournal: true)
        }
        return ScreenSnapshot(now: now, batons: batons, alerts: alerts)
    }

    /// What is drawn of one baton; nil while its state is not known.
    package func screen(of baton: BatonID, at now: Timestamp, withJournal: Bool) -> ScreenBaton? {
        guard let entry = entries[baton], let state = entry.state, let summary = summary(entry, at: now) else {
            return nil
        }
        return ScreenBaton(
            summary: summary, state: .init(id: state.id, version: state.version),
            ending: state.ending.map { ending in
                .init(phase: Phase(ending), sentence: ending.sentence, isWithdrawing: state.isWithdrawing)
            },
            track: ScreenTrack(state, entry.journal), release: ScreenRelease(state), watch: ScreenWatch(state),
            signals: signals(entry), traffic: traffic(entry, at: now),
            journal: withJournal ? entry.journal.suffix(Self.shownJournalLimit) : nil)
    }

    /// The signals about a baton, newest first, one of each name.
    package func signals(about baton: BatonID) -> [Signal] { entries[baton].map(signals) ?? [] }

    private func signals(_ entry: Entry) -> [Signal] {
        entry.signals.values.sorted { ($0.at, $0.name) > ($1.at, $1.name) }
    }

    private func traffic(_ entry: Entry, at now: Timestamp) -> TrafficReport? {
        var meter = entry.traffic
        return meter?.report(at: now)
    }

    private func report(_ entry: Entry, _ state: BatonState) -> BatonReport {
        BatonReport(
            state: state, progress: progress(entry, state)?.progress, cost: cost(entry, state)?.total,
            journal: entry.journal, asOf: max(entry.touchedAt, state.changedAt))
    }
}
