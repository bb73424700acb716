// SPDX-License-Identifier: Apache-2.0

import Baton
import Operations

/// What a leg worker measures.
struct LegMetrics: Sendable {
    let handoffs: [Handoff.Outcome: Counter]
    let superseded: Counter
    let withdrawn: Counter
    let silent: Counter
    let consumed: Counter
    let deadLetters: Counter
    let progressDropped: Counter
    let transactions: TransactionMetrics

    init(_ metrics: Metrics) {
        func handoffs(_ outcome: Handoff.Outcome) -> Counter {
            metrics.counter(
                "relay_handoffs_total", help: "Handoffs committed, by outcome.", labels: ["outcome": outcome.rawValue])
        }
        self.handoffs = [
            .completed: handoffs(.completed), .failed: handoffs(.failed), .refused: handoffs(.refused),
        ]
        superseded = metrics.counter(
            "relay_work_superseded_total", help: "Running work cancelled because a newer attempt was assigned.")
        withdrawn = metrics.counter(
            "relay_work_withdrawn_total",
            help: "Work, running or waiting, that was ended because its baton was called off.")
        silent = metrics.counter(
            "relay_work_silent_total", help: "Times that running work said nothing for longer than its leg allows.")
        consumed = metrics.counter("relay_records_consumed_total", help: "Records read from input topics.")
        deadLetters = metrics.counter("relay_dead_letters_total", help: Self.deadLettersHelp)
        progressDropped = metrics.counter(
            "relay_progress_dropped_total", help: "Progress reports that could not be queued.")
        transactions = TransactionMetrics(metrics)
    }

    static let deadLettersHelp = "Records that could not be read or processed."
}

/// What every exactly-once loop measures.
struct TransactionMetrics: Sendable {
    let seconds: Histogram
    let committed: Counter
    let aborted: Counter
    let streak: Gauge

    init(_ metrics: Metrics) {
        seconds = metrics.histogram(
            "relay_transaction_seconds", help: "From the begin to the known outcome of a transaction, in seconds.")
        committed = metrics.counter(
            "relay_transactions_total", help: "Transactions ended, by outcome.", labels: ["outcome": "committed"])
        aborted = metrics.counter(
            "relay_transactions_total", help: "Transactions ended, by outcome.", labels: ["outcome": "aborted"])
        streak = metrics.gauge(
            "relay_transaction_aborts_in_a_row", help: "Transactions aborted since the last one that was committed.")
    }
}
