// SPDX-License-Identifier: Apache-2.0

package import Baton
import Statistics

/// Tells during a watch what people should see at once: errors, latency, drift.
package struct WatchSignals: Sendable {
    /// Errors and latency are looked at over this many of the last slices of time.
    static let recentSlices: Int64 = 5
    /// Fewer requests than this in them say nothing.
    static let fewestRequests = 20

    private var errors = Hysteresis()
    private var latency = Hysteresis()
    private var drift = Hysteresis()

    /// Nothing was told yet.
    package init() {}

    /// Takes in how the watch stands.
    /// - Returns: a signal for each level that changed.
    package mutating func update(_ watch: Watch, drift columns: [WatchReport.Drift], at now: Timestamp) -> [Signal] {
        let bounds = watch.plan.bounds
        let recent = watch.windows.recent(Self.recentSlices, before: now)
        var signals: [Signal] = []
        func tell(_ name: String, _ level: Signal.Level?, _ text: String, _ values: [String: Double]) {
            guard let level else { return }
            signals.append(
                Signal(
                    name: name, level: level, baton: watch.plan.baton, model: watch.plan.model, text: text,
                    values: values, at: now))
        }
        if recent.requests >= Self.fewestRequests {
            let rate = recent.errorRate
            tell(
                "errors", errors.update(Self.share(rate, of: bounds.maximumErrorRate)),
                "\(Judgement.percent(rate)) of the last \(recent.requests) requests failed; at most "
                    + "\(Judgement.percent(bounds.maximumErrorRate)) may.",
                ["errorRate": rate, "maximumErrorRate": bounds.maximumErrorRate])
        }
        if recent.latency.count >= Self.fewestRequests {
            let p99 = recent.latency.percentile(0.99)
            tell(
                "latency", latency.update(Self.share(p99, of: bounds.maximumLatencyMilliseconds)),
                "The 99th percentile of latency of the last \(recent.latency.count) answers is "
                    + "\(Judgement.plain(p99)) ms; at most \(Judgement.plain(bounds.maximumLatencyMilliseconds)) ms is "
                    + "allowed.",
                ["p99Milliseconds": p99, "maximumMilliseconds": bounds.maximumLatencyMilliseconds])
        }
        func severity(_ drift: WatchReport.Drift) -> Double {
            Self.share(drift.index, of: max(bounds.maximumDrift, drift.noise))
        }
        if let worst = columns.max(by: { severity($0) < severity($1) }) {
            tell(
                "drift", drift.update(severity(worst)),
                "\(worst.name) has a population stability index of \(Judgement.plain(worst.index)); up to "
                    + "\(Judgement.plain(max(bounds.maximumDrift, worst.noise))) is allowed.",
                ["index": worst.index, "noise": worst.noise, "maximumDrift": bounds.maximumDrift])
        }
        return signals
    }

    private static func share(_ value: Double, of bound: Double) -> Double {
        bound > 0 ? value / bound : value > 0 ? .infinity : 0
    }
}
