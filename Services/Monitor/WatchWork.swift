// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Kafka
import LegRuntime
import Logging
import Operations

/// The monitor's duty: watches a live release for its declared period and says how it does.
///
/// The period counts from when the release got its traffic, and all that is counted is read from Kafka. So a watch
/// that is repeated, here or in the other lane, ends at the same time with the same report.
struct WatchWork: LegWork {
    /// What has been read is looked at this often.
    static let lookInterval = Duration.milliseconds(500)

    let process: ProcessContext
    let store: any ArtifactStore
    let board: SignalBoard
    let clock: any WallClock

    var leg: Leg { .monitor }

    /// A watch looks every second or so for as long as its period is; one that does not look is stuck.
    func patience(for duty: Duty) -> Duration? { .seconds(60) }

    func perform(_ assignment: Assignment, _ context: WorkContext) async throws -> Results {
        guard assignment.duty == .watch, let manifest = assignment.results.build,
            let rollout = assignment.results.rollout
        else {
            throw WorkFailure(
                reason: "monitor was assigned \(assignment.duty.rawValue), or a watch without a build and a rollout",
                retryable: false)
        }
        context.progress(0, "reading the reference sample")
        let reference = try await ReferenceFile(store: store).sample(of: manifest)
        let plan = WatchPlan(
            baton: assignment.baton, model: manifest.declaration.model.name,
            liveSince: WatchPlan.beginning(liveSince: rollout.liveSince, now: clock.now()),
            bounds: manifest.declaration.watch, reference: reference)
        let predictions = try await PredictionStream(process, model: plan.model, since: plan.liveSince)
        let report: WatchReport
        do {
            report = try await watch(plan, predictions, context)
        } catch {
            await predictions.close()
            throw error
        }
        await predictions.close()
        return try conclude(report, plan, context)
    }

    private func watch(
        _ plan: WatchPlan, _ predictions: PredictionStream, _ context: WorkContext
    ) async throws -> WatchReport {
        var watch = Watch(plan)
        var signals = WatchSignals()
        var nextLook = clock.now()
        while clock.now() < plan.until {
            let wait = min(nextLook, plan.until) - clock.now()
            watch.add(try await predictions.next(timeout: max(.milliseconds(1), wait)))
            let now = clock.now()
            guard now >= nextLook else { continue }
            nextLook = now + Self.lookInterval
            let drift = watch.drift()
            for signal in signals.update(watch, drift: drift, at: now) { board.tell(signal) }
            Self.progress(watch, drift, now, context)
        }
        try await predictions.rest { watch.add($0) }
        for signal in signals.update(watch, drift: watch.drift(), at: plan.until) { board.tell(signal) }
        return watch.report(at: plan.until)
    }

    private static func progress(
        _ watch: Watch, _ drift: [WatchReport.Drift], _ now: Timestamp, _ context: WorkContext
    ) {
        let recent = watch.windows.recent(WatchSignals.recentSlices, before: now)
        let seconds = Double(WatchSignals.recentSlices * watch.windows.sliceMilliseconds) / 1000
        let rate = Double(recent.requests) / max(1, min(seconds, (now - watch.plan.liveSince).seconds))
        let worst = drift.max { $0.index < $1.index }
        context.progress(
            (now - watch.plan.liveSince).seconds / max(0.001, watch.plan.bounds.periodSeconds),
            "\(Judgement.plain(rate)) requests/s, p99 \(Judgement.plain(recent.latency.percentile(0.99))) ms"
                + (worst.map { ", largest drift \(Judgement.plain($0.index)) (\($0.name))" } ?? ""))
    }

    private func conclude(_ report: WatchReport, _ plan: WatchPlan, _ context: WorkContext) throws -> Results {
        var results = Results()
        results.watch = report
        context.learn(results)
        let findings = report.findings.joined(separator: " ")
        context.journal("\(report.verdict.rawValue): \(findings)")
        guard Judgement.passes(report, bounds: plan.bounds) else {
            throw WorkFailure(reason: "the release is \(report.verdict.rawValue): \(findings)", retryable: false)
        }
        return results
    }
}

extension Watch {
    /// Takes in what was read.
    mutating func add(_ items: [PredictionStream.Item]) {
        for item in items {
            switch item {
            case .prediction(let prediction): add(prediction)
            case .unreadable(let problem): addUnreadable(problem)
            }
        }
    }
}
