// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What the lane counts, in Prometheus' text format.
final class LaneMetrics: Sendable {
    private struct Counts {
        var answers: [Int: Int] = [:]
        var rows = 0
        var predictionSeconds = 0.0
        var predictions = 0
    }

    private let counts = Mutex(Counts())

    func answered(status: Int) {
        counts.withLock { $0.answers[status, default: 0] += 1 }
    }

    func predicted(rows: Int, in duration: Duration) {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        counts.withLock { counts in
            counts.rows += rows
            counts.predictions += 1
            counts.predictionSeconds += seconds
        }
    }

    func text(queueDepth: Int, queueCapacity: Int) -> String {
        let counts = counts.withLock { $0 }
        var lines: [String] = []
        func metric(_ name: String, _ kind: String, _ help: String, _ samples: [(suffix: String, value: String)]) {
            lines.append("# HELP \(name) \(help)")
            lines.append("# TYPE \(name) \(kind)")
            lines += samples.map { "\(name)\($0.suffix) \($0.value)" }
        }
        metric(
            "relay_lane_answers_total", "counter", "Answered inference requests by HTTP status.",
            counts.answers.sorted { $0.key < $1.key }.map { ("{code=\"\($0.key)\"}", "\($0.value)") })
        metric("relay_lane_rows_total", "counter", "Rows predicted.", [("", "\(counts.rows)")])
        metric(
            "relay_lane_prediction_seconds", "summary", "Time from queue to prediction.",
            [("_sum", "\(counts.predictionSeconds)"), ("_count", "\(counts.predictions)")])
        metric("relay_lane_queue_depth", "gauge", "Requests that wait or run.", [("", "\(queueDepth)")])
        metric(
            "relay_lane_queue_capacity", "gauge", "Requests that may wait or run before more are refused.",
            [("", "\(queueCapacity)")])
        return lines.joined(separator: "\n") + "\n"
    }
}
