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
        let hasFailed = outcome.kind == .failed && outcome.supersededBy == nil
        span.attributes["relay.outcome"] = .text(hasFailed && isStopped ? "stopped" : outcome.kind.rawValue)
        if let reason = outcome.reason { span.attributes["relay.reason"] = .text(reason) }
        if hasFailed, !isStopped { span.failure = outcome.reason }
        return span
    }

    /// The answer to the assignment, and the records for one transaction: the answer itself, journal entries and usage.
    func answer(_ topics: Topics, source: String) -> (handoff: Handoff, records: [ProducerRecord]) {
        var handoff = makeHandoff(outcome)
        var records = [record(handoff, handoff.key.description, topics.batonEvents, source)]
        if let size = records[0].value?.count, size > Self.maximumHandoffBytes {
            let reason =
                "the results are \(size) bytes as JSON, and at most \(Self.maximumHandoffBytes) can be handed over"
            handoff = makeHandoff(Outcome(kind: .failed, reason: reason, retryable: false, results: Results()))
            records = [record(handoff, handoff.key.description, topics.batonEvents, source)]
        }
        records += journal.map { record($0, $0.id, topics.journal, source) }
        let account = assignment.results.admission?.account ?? assignment.request.requester
        records += handoff.usage.map { record($0, $0.id, topics.usage, source, key: account) }
        return (handoff, records)
    }

    private func record(
        _ payload: some EventPayload, _ id: String, _ topic: String, _ source: String, key: String? = nil
    ) -> ProducerRecord {
        let baton = assignment.baton.description
        return payload.record(
            topic: topic, key: key ?? baton, id: id, source: source, subject: baton, time: finishedAt, trace: trace)
    }

    private struct Outcome {
        let kind: Handoff.Outcome
        let reason: String?
        let retryable: Bool
        var supersededBy: BatonID?
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
        case .failure(let error as WorkSuperseded):
            return Outcome(
                kind: .failed, reason: error.description, retryable: false, supersededBy: error.newer,
                results: report.learned)
        case .failure(let error as WorkFailure):
            return Outcome(kind: .failed, reason: error.reason, retryable: error.retryable, results: report.learned)
        case .failure(let error):
            return Outcome(kind: .failed, reason: inPlainWords(error), retryable: true, results: report.learned)
        }
    }

    private func makeHandoff(_ outcome: Outcome) -> Handoff {
        Handoff(
            baton: assignment.baton, duty: assignment.duty, attempt: assignment.attempt, lane: assignment.lane,
            worker: worker, outcome: outcome.kind, reason: outcome.reason, retryable: outcome.retryable,
            supersededBy: outcome.supersededBy, results: outcome.results, usage: usage, startedAt: startedAt,
            finishedAt: finishedAt)
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
