// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Logging
import Operations

extension LegWorker {
    /// Starts what waits, as far as there are free slots.
    func startWaiting(_ reports: KafkaProducer) {
        while let start = desk.startNext() {
            // Owned by the desk, which cancels it; apart from the loops, because work that does not end must not keep
            // the process from ending.
            let task = Task { await perform(start, reports) }
            desk.keep(task, for: start.id)
        }
    }

    private func perform(_ start: WorkDesk.Ledger.Start, _ reports: KafkaProducer) async {
        let assignment = start.assignment
        let logger = logger.with(.about(assignment))
        let said = WorkContext(instance: context.configuration.instance, lane: settings.lane, logger: logger)
        let startedAt = clock.now()
        logger.info("work started")
        progress.begin(start.id) { self.report(start, said, reports) }
        var result = await Result { try await work.perform(assignment, said) }
        progress.end(start.id)
        // In this order: whoever drops work says so before it cancels.
        let isCancelled = Task.isCancelled
        let drop = desk.drop(of: start.id)
        // Told all the same: the journal is to show who was given up, and the ledger what that cost.
        if case .failure = result, let drop { result = .failure(WorkFailure(drop)) }
        let end = WorkEnd(
            assignment: assignment, worker: context.configuration.instance, report: said.said, result: result,
            startedAt: startedAt, finishedAt: clock.now())
        let isStopped = isCancelled && drop == nil
        if context.traces.isOn, end.trace.isSampled { context.traces.record([end.span(isStopped: isStopped)]) }
        desk.end(start.id, finished(end, isStopped: isStopped, logger))
        startWaiting(reports)
    }

    /// Called off before there was a slot for it: that it used nothing is worth a word, for the books wait for one.
    func answerUnstarted(_ start: WorkDesk.Ledger.Start) {
        let now = clock.now()
        let end = WorkEnd(
            assignment: start.assignment, worker: context.configuration.instance, report: WorkReport(),
            result: .failure(WorkFailure(reason: "called off before it was started", retryable: false)),
            startedAt: now, finishedAt: now)
        desk.end(start.id, finished(end, isStopped: false, logger.with(.about(start.assignment))))
    }

    /// Nil when the work was stopped before its end: whatever it threw then says nothing about the assignment.
    private func finished(_ end: WorkEnd, isStopped: Bool, _ logger: Logger) -> FinishedWork? {
        if case .failure = end.result, isStopped {
            logger.info("work stopped before its end")
            return nil
        }
        let (handoff, records) = end.answer(topics, source: context.eventSource)
        var details: Logger.Metadata = ["outcome": "\(handoff.outcome.rawValue)"]
        if let reason = handoff.reason { details["reason"] = "\(reason)" }
        logger.log(level: handoff.outcome == .completed ? .info : .warning, "work ended", metadata: details)
        return FinishedWork(records: records, outcome: handoff.outcome)
    }

    /// Called from the reporter's thread.
    private func report(_ start: WorkDesk.Ledger.Start, _ said: WorkContext, _ reports: KafkaProducer) {
        if desk.rest(start.id, said.said.isHeldUp) { startWaiting(reports) }
        // Superseded work that has not ended yet must not look as if it raced on.
        guard desk.counts(start.id) else { return }
        let assignment = start.assignment
        // The reporter has a thread of its own, which must not vouch for work whose own thread is stuck.
        switch said.diary.vouching(patience: work.patience(for: assignment.duty)) {
        case .vouches: break
        case .hasGivenUp: return
        case .givesUp:
            metrics.silent.add()
            return said.logger.warning("work says nothing any more, and is not vouched for until it does")
        }
        let (report, now) = (said.said, clock.now())
        let progress = Progress(
            baton: assignment.baton, duty: assignment.duty, attempt: assignment.attempt, lane: settings.lane,
            worker: context.configuration.instance, fraction: report.fraction, note: report.note, at: now,
            isHeldUp: report.isHeldUp ? true : nil)
        let baton = assignment.baton.description
        let record = progress.record(
            topic: topics.progress, key: baton, id: "\(assignment.key)/progress/\(now.milliseconds)",
            source: context.eventSource, subject: baton, time: now)
        do {
            try reports.enqueue(record)
        } catch {
            metrics.progressDropped.add()
        }
    }
}

extension WorkFailure {
    /// That work did not go on because nobody wants its end any more.
    fileprivate init(_ drop: WorkDesk.Ledger.Drop) {
        switch drop {
        case .superseded: self.init(reason: "dropped, because a newer attempt was ordered", retryable: false)
        case .withdrawn(let reason): self.init(reason: "ended, because it was called off (\(reason))", retryable: false)
        }
    }
}
