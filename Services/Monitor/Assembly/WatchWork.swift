// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Kafka
import LegRuntime
import Logging
import Operations
import Reports
import Watching

/// The monitor's duty: watches a live release for its declared period and says how it does.
///
/// The period counts from when the release got its traffic, all that is counted is read from Kafka, and the watch is
/// over when the routers' marks there say so. So a watch that is repeated, here or in the other lane, ends behind the
/// same record with the same report, and one during which Kafka was away sees what was answered meanwhile.
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
            baton: assignment.baton, model: manifest.declaration.model.name, liveSince: rollout.liveSince,
            bounds: manifest.declaration.watch, reference: reference)
        let predictions = try await PredictionStream(process, plan)
        let report: WatchReport
        do {
            report = try await witnessed(plan, predictions, context)
        } catch {
            await predictions.close()
            throw error
        }
        await predictions.close()
        return try await conclude(report, plan, assignment.key, context)
    }

    /// Watches, and marks the time in the log once the period is over.
    private func witnessed(
        _ plan: WatchPlan, _ predictions: PredictionStream, _ context: WorkContext
    ) async throws -> WatchReport {
        // Where the clock of who rolled out is ahead of ours, the period is measured by ours and named by theirs.
        let (clock, ahead) = (clock, max(plan.liveSince - clock.now(), .zero))
        let time: @Sendable () -> Timestamp = { clock.now() + ahead }
        let witness = WatchWitness(
            plan, instance: context.instance, logger: context.logger, time: time,
            write: { [board] in try await board.mark($0) })
        return try await withThrowingTaskGroup(of: WatchReport?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await watch(plan, predictions, witness, time, context) }
            group.addTask {
                try await witness.run()
                return nil
            }
            while let report = try await group.next() {
                if let report { return report }
            }
            throw CancellationError()
        }
    }

    private func watch(
        _ plan: WatchPlan, _ predictions: PredictionStream, _ witness: WatchWitness,
        _ time: @Sendable () -> Timestamp, _ context: WorkContext
    ) async throws -> WatchReport {
        var course = WatchCourse(plan)
        var signals = WatchSignals()
        var nextLook = time()
        var isDeaf = false
        while !course.isOver, !isDeaf {
            course.take(try await predictions.next(timeout: max(.milliseconds(1), nextLook - time())))
            let now = time()
            guard now >= nextLook else { continue }
            nextLook = now + Self.lookInterval
            let drift = course.watch.drift()
            for signal in signals.update(course.watch, drift: drift, at: now) { board.tell(signal) }
            let progress = WatchProgress(course, drift: drift, at: now)
            context.progress(progress.fraction, progress.note)
            isDeaf = witness.refusal != nil && now >= plan.until + WatchCourse.patience
        }
        try await predictions.rest(&course)
        for signal in signals.update(course.watch, drift: course.watch.drift(), at: plan.until) { board.tell(signal) }
        var report = course.report(from: predictions.beginnings)
        if let refusal = witness.refusal, isDeaf {
            report.findings.append(
                "No router said how far it is, and the end of the watch could not be marked: \(refusal)")
        }
        return report
    }

    private func conclude(
        _ report: WatchReport, _ plan: WatchPlan, _ attempt: AttemptKey, _ context: WorkContext
    ) async throws -> Results {
        var results = Results()
        do {
            results.watch = try await onThreadOfItsOwn { [store] in try WholeReports(store).keep(report, of: attempt) }
        } catch let error as ArtifactStoreError {
            throw WorkFailure(reason: "the report cannot be kept: \(error)", retryable: true)
        }
        context.learn(results)
        let findings = report.findings.joined(separator: " ")
        context.journal("\(report.verdict.rawValue): \(findings)")
        guard Judgement.passes(report, bounds: plan.bounds) else {
            throw WorkFailure(reason: "the release is \(report.verdict.rawValue): \(findings)", retryable: false)
        }
        return results
    }
}
