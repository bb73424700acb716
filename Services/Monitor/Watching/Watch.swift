// SPDX-License-Identifier: Apache-2.0

package import Baton
import Statistics

/// A watch over a live release: predictions go in, in any order, and the report of what they show comes out.
///
/// It holds counts alone, so it does not grow with traffic, and the watches of parts of the traffic merge into the
/// watch of the whole.
package struct Watch: Sendable {
    /// The chance that anything at all in a release that did not drift looks drifted; its columns share it
    /// (Bonferroni), so a release with many features is not failed more often than one with few.
    static let chanceOfFalseAlarm = 0.001

    let plan: WatchPlan
    private(set) var windows: TrafficWindows
    /// Rows that were compared with the reference.
    private(set) var rows = 0
    private var live: [[Int]]
    private(set) var misfits = 0
    private(set) var unreadable = 0
    private(set) var firstUnreadable: String?
    private(set) var abridged = 0
    /// What the releases before were asked, and how much of it was refused.
    private(set) var before: WatchReport.Before

    init(_ plan: WatchPlan) {
        self.plan = plan
        windows = TrafficWindows(from: plan.liveSince, to: plan.until)
        live = plan.reference.columns.map { [Int](repeating: 0, count: $0.counts.count) }
        before = WatchReport.Before(from: plan.before, requests: 0, refusals: 0)
    }

    /// Takes in a prediction; one of another model or outside the period is left out, one of another release counts as
    /// what was before.
    /// - Returns: whether it counts for the release.
    @discardableResult
    mutating func add(_ prediction: Prediction) -> Bool {
        guard prediction.model == plan.model else { return false }
        guard prediction.baton == plan.baton else {
            addBefore(prediction)
            return false
        }
        guard
            windows.add(
                at: prediction.at, status: prediction.status, latencyMilliseconds: prediction.latencyMilliseconds)
        else { return false }
        if prediction.isAbridged == true { abridged += 1 }
        let features = plan.reference.names.count - 1
        for (index, row) in prediction.rows.enumerated() {
            guard row.count == features, prediction.outputs.count == prediction.rows.count else {
                misfits += 1
                continue
            }
            for (column, value) in row.enumerated() {
                live[column][plan.reference.columns[column].place(of: value)] += 1
            }
            live[features][plan.reference.columns[features].place(of: prediction.outputs[index])] += 1
            rows += 1
        }
        return true
    }

    private mutating func addBefore(_ prediction: Prediction) {
        guard plan.before <= prediction.at, prediction.at < plan.liveSince else { return }
        before.requests += 1
        if Traffic.isRefusal(prediction.status) { before.refusals += 1 }
    }

    /// Counts a record of this model that could not be read.
    mutating func addUnreadable(_ problem: String) {
        unreadable += 1
        firstUnreadable = firstUnreadable ?? problem
    }

    /// Takes in what was seen elsewhere under the same plan.
    mutating func merge(_ other: Watch) {
        windows.merge(other.windows)
        rows += other.rows
        misfits += other.misfits
        abridged += other.abridged
        before.requests += other.before.requests
        before.refusals += other.before.refusals
        unreadable += other.unreadable
        firstUnreadable = firstUnreadable ?? other.firstUnreadable
        for column in live.indices {
            for place in live[column].indices { live[column][place] += other.live[column][place] }
        }
    }

    /// The drift of every feature and of the prediction; empty before the first row.
    package func drift() -> [WatchReport.Drift] {
        guard rows > 0 else { return [] }
        let chance = Self.chanceOfFalseAlarm / Double(live.count)
        return zip(plan.reference.names, zip(plan.reference.columns, live)).map { name, column in
            let stability = StabilityIndex(column.0, live: column.1, chance: chance)
            return WatchReport.Drift(
                name: name, index: stability.index, noise: stability.noise,
                drifted: stability.index > max(plan.bounds.maximumDrift, stability.noise))
        }
    }

    /// What the watch shows at a moment; at or after the end of the period it is final.
    /// - Parameters:
    ///   - routers: who answered, as far as that is known.
    ///   - readings: what was read.
    func report(
        at now: Timestamp, routers: [WatchReport.Router] = [], readings: [WatchReport.Reading]? = nil
    ) -> WatchReport {
        let end = max(plan.liveSince, min(now, plan.until))
        let total = windows.total
        let drift = drift()
        let judgement = Judgement(total, drift, before: before, bounds: plan.bounds)
        return WatchReport(
            verdict: judgement.verdict, findings: judgement.findings + remarks() + remarks(about: routers),
            total: total.window(from: plan.liveSince, to: end), windows: windows.report(until: end), drift: drift,
            routers: routers, readings: readings, before: before)
    }

    private func remarks() -> [String] {
        var remarks: [String] = []
        if windows.total.refusals > 0 {
            remarks.append(
                "\(windows.total.refusals) of \(windows.total.requests) requests were refused for a reason on the "
                    + "caller's side.")
        }
        if abridged > 0 {
            remarks.append("\(abridged) requests were too large for their rows to be recorded and compared.")
        }
        if misfits > 0 {
            remarks.append(
                "\(misfits) rows do not have the \(plan.reference.names.count - 1) declared features and one "
                    + "prediction, and were not compared.")
        }
        if let firstUnreadable {
            remarks.append("\(unreadable) records of predictions could not be read; the first: \(firstUnreadable).")
        }
        return remarks
    }

    private func remarks(about routers: [WatchReport.Router]) -> [String] {
        routers.flatMap { router -> [String] in
            var remarks: [String] = []
            if router.missed > 0 {
                let dropped = router.dropped > 0 ? "; it had no room for \(router.dropped) of them" : ""
                remarks.append(
                    "\(router.missed) answers of \(router.router.instance) were not recorded, so nothing is known of "
                        + "them\(dropped).")
            }
            if !router.isComplete {
                let rest = Judgement.plain((plan.until - router.heardUntil).seconds)
                remarks.append(
                    "\(router.router.instance) was last heard \(rest) s before the end of the period: what it answered "
                        + "after that is not known.")
            }
            return remarks
        }
    }
}
