// SPDX-License-Identifier: Apache-2.0

import Baton

/// The part of a prediction that the screen needs.
package struct SeenPrediction: Codable, Sendable {
    var baton: BatonID
    var status: Int
    var latencyMilliseconds: Double
    var at: Timestamp
}

/// Counts the answered requests of one release, and keeps the last seconds of them.
struct TrafficMeter: Sendable {
    static let window: Duration = .seconds(10)
    /// At higher rates the percentiles are of the newest ones alone.
    static let maximumKept = 2048

    private let since: Timestamp
    private var predictions = 0
    private var failed = 0
    private var recent: [SeenPrediction] = []
    private var newest: Timestamp
    private(set) var isChanged = false

    init(since: Timestamp) {
        self.since = since
        newest = since
    }

    mutating func add(_ prediction: SeenPrediction) {
        predictions += 1
        if prediction.status >= 400 { failed += 1 }
        newest = max(newest, prediction.at)
        recent.append(prediction)
        if recent.count >= 2 * Self.maximumKept { recent.removeFirst(recent.count - Self.maximumKept) }
        isChanged = true
    }

    /// The numbers at a moment. They go on changing until the window is empty.
    mutating func report(at now: Timestamp) -> TrafficReport {
        recent.removeAll { now - $0.at > Self.window }
        isChanged = !recent.isEmpty
        let latencies = recent.map(\.latencyMilliseconds).sorted()
        func percentile(_ share: Double) -> Double {
            latencies[min(latencies.count - 1, Int(share * Double(latencies.count)))]
        }
        let span = min(Self.window, max(now - since, .seconds(1)))
        return TrafficReport(
            since: since, predictions: predictions, failed: failed,
            requestsPerSecond: Double(recent.count) / span.seconds,
            latencyMilliseconds: latencies.isEmpty
                ? nil : .init(p50: percentile(0.5), p90: percentile(0.9), p99: percentile(0.99)),
            asOf: now)
    }
}
