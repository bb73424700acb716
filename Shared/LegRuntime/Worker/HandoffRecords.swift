// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Operations

/// How a piece of work ended, and the records that say so.
struct WorkEnd: Sendable {
    /// Brokers accept 1 MiB a record by default; headers and framing need a part of it.
    static let maximumHandoffBytes = 900_000

    let assignment: Assignment
    let worker: String
    let report: WorkReport
    /// The results of completed work, or why there are none.
    let result: Result<Results, any Error>
    let startedAt: Timestamp
    let finishedAt: Timestamp

    /// The span of the work.
    var trace: TraceContext { assignment.trace.work(of: worker, startedAt: startedAt) }

    /// What was done, for whoever collects traces.
    /// - Parameter isStopped: Whether the process stops it, so that a failure says nothing about the work.
    func span(isStopped: Bool) -> Span {
        let (key, outcome) = (assignment.key, outcome)
        var span = Span(
            "\(key.duty.rawValue) work", trace, below: assignment.trace.spanID, kind: .consumer, from: startedAt,
            until: finishedAt, attributes: Span.attributes(of: key, lane: assignment.lane, worker: worker))
        let hasFailed = outcome.kind == .failed
        span.attributes["relay.outcome"] = .text(hasFailed && isStopped ? "stopped" : outcome.kind.rawValue)
        if let reason = outcome.reason { span.attributes["relay.reason"] = .text(reason) }
        if hasFailed, !isStopped { span.failure = outcome.reason }
        return span
    }

    /// The answer to the assignment.
    var handoff: Handoff {
        let whole = makeHandoff(outcome)
        let size = JSON.encode(whole).count
        guard size > Self.maximumHandoffBytes else { return whole }
        let reason = "the results are \(size) bytes as JSON, and at most \(Self.maximumHandoffBytes) can be handed over"
        return makeHandoff(Outcome(kind: .failed, reason: reason, retryable: false, results: Results()))
    }

    /// Handoff, journal entries and usage, for one transaction.
    func records(_ topics: Topics, source: String) -> [ProducerRecord] {
        let (handoff, trace) = (handoff, trace)
        let baton = assignment.baton.description
        var records = [
            handoff.record(
                topic: topics.batonEvents, key: baton, id: handoff.key.description, source: source, subject: baton,
                time: finishedAt, trace: trace)
        ]
        for entry in journal {
            records.append(
                entry.record(
                    topic: topics.journal, key: baton, id: entry.id, source: source, subject: baton, time: finishedAt,
                    trace: trace))
        }
        let account = assignment.results.admission?.account ?? assignment.request.requester
        for usage in handoff.usage {
            records.append(
                usage.record(
                    topic: topics.usage, key: account, id: usage.id, source: source, subject: baton, time: finishedAt,
                    trace: trace))
        }
        return records
    }

    private struct Outcome {
        let kind: Handoff.Outcome
        let reason: String?
        let retryable: Bool
        let results: Results
    }

    private var outcome: Outcome {
        switch result {
        case .success(let results):
            var all = report.learned
            all.merge(results)
            return Outcome(kind: .completed, reason: nil, retryable: false, results: all)
        case .failure(let error as WorkRefused):
            return Outcome(kind: .refused, reason: error.reason, retryable: false, results: report.learned)
        case .failure(let error as WorkFailure):
            return Outcome(kind: .failed, reason: error.reason, retryable: error.retryable, results: report.learned)
        case .failure(let error):
            return Outcome(kind: .failed, reason: "\(error)", retryable: true, results: report.learned)
        }
    }

    private func makeHandoff(_ outcome: Outcome) -> Handoff {
        Handoff(
            baton: assignment.baton, duty: assignment.duty, attempt: assignment.attempt, lane: assignment.lane,
            worker: worker, outcome: outcome.kind, reason: outcome.reason, retryable: outcome.retryable,
            results: outcome.results, usage: usage, startedAt: startedAt, finishedAt: finishedAt)
    }

    private var usage: [Usage] {
        report.usage.sorted { $0.key.rawValue < $1.key.rawValue }.map { resource, amount in
            Usage(
                id: "\(assignment.key)/\(resource.rawValue)", resource: resource, amount: amount,
                baton: assignment.baton, leg: assignment.duty.leg, measuredAt: finishedAt)
        }
    }

    private var journal: [JournalEntry] {
        report.decisions.enumerated().map { index, reason in
            JournalEntry(
                id: "\(assignment.key)/decided/\(index + 1)", baton: assignment.baton, action: .decided, actor: worker,
                duty: assignment.duty, attempt: assignment.attempt, lane: assignment.lane, reason: reason,
                at: finishedAt)
        }
    }
}
