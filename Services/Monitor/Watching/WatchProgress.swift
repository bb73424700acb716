// SPDX-License-Identifier: Apache-2.0

package import Baton
import Statistics

/// How far a watch is, in words for who waits for it.
package struct WatchProgress: Sendable, Equatable {
    /// Of the period, 0 to 1.
    package let fraction: Double
    /// What there is to see at the moment.
    package let note: String

    /// - Parameter drift: the watch's at this moment.
    package init(_ course: WatchCourse, drift: [WatchReport.Drift], at now: Timestamp) {
        let watch = course.watch
        guard now < watch.plan.until else {
            let awaited = course.end.awaited.map(\.instance).joined(separator: ", ")
            let routers = awaited.isEmpty ? "the routers" : awaited
            (fraction, note) = (1, "the period is over; waiting until \(routers) said that nothing is to come")
            return
        }
        let recent = watch.windows.recent(WatchSignals.recentSlices, before: now)
        let seconds = Double(WatchSignals.recentSlices * watch.windows.sliceMilliseconds) / 1000
        let rate = Double(recent.requests) / max(1, min(seconds, (now - watch.plan.liveSince).seconds))
        let worst = drift.max { $0.index < $1.index }
        fraction = (now - watch.plan.liveSince).seconds / max(0.001, watch.plan.bounds.periodSeconds)
        note =
            "\(Judgement.plain(rate)) requests/s, p99 \(Judgement.plain(recent.latency.percentile(0.99))) ms"
            + (worst.map { ", largest drift \(Judgement.plain($0.index)) (\($0.name))" } ?? "")
    }
}
