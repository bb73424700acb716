// SPDX-License-Identifier: Apache-2.0

package import Operations

/// What the router measures.
package struct RouterMetrics: Sendable {
    private let answers: [Int: Counter]
    private let otherAnswers: Counter
    private let latency: Histogram
    private let retries: Counter
    private let stumbles: Counter

    /// Registers the metrics.
    package init(_ metrics: Metrics) {
        func answers(_ code: String) -> Counter {
            metrics.counter(
                "relay_router_answers_total", help: "Answered inference requests by HTTP status.",
                labels: ["code": code])
        }
        self.answers = Dictionary(uniqueKeysWithValues: [200, 400, 404, 413, 500, 503].map { ($0, answers("\($0)")) })
        otherAnswers = answers("other")
        latency = metrics.histogram(
            "relay_router_latency_seconds", help: "Time from the whole request to the whole answer.")
        retries = metrics.counter("relay_router_retries_total", help: "Requests sent to a second lane.")
        stumbles = metrics.counter("relay_router_lane_stumbles_total", help: "Requests that a lane did not answer.")
    }

    func answered(status: Int, in duration: Duration) {
        (answers[status] ?? otherAnswers).add()
        latency.record(duration)
    }

    func retried() { retries.add() }
    func stumbled() { stumbles.add() }
}
