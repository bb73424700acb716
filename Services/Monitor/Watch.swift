// SPDX-License-Identifier: Apache-2.0

import Baton

/// What is watched, against which bounds.
struct WatchPlan: Sendable {
    let baton: BatonID
    let model: String
    /// When the release got its traffic.
    let liveSince: Timestamp
    let bounds: ReleaseDeclaration.Watch
    let reference: ReferenceSample

    /// When a period begins: with the traffic, by the clock of who rolled out. Where that lies ahead of our clock, one
    /// of the two is wrong, and the watch would wait for as long as they differ: then it begins now.
    static func beginning(liveSince: Timestamp, now: Timestamp) -> Timestamp { min(liveSince, now) }

    /// When the watch is over.
    var until: Timestamp {
        liveSince + .milliseconds(Int64((bounds.periodSeconds * 1000).rounded(.up)))
    }
}

/// A watch over a live release: predictions go in, in any order, and the report of what they show comes out.
///
/// It holds counts alone, so it does not grow with traffic, and the watches of parts of the traffic merge into the
/// watch of the whole.
struct Watch: Sendable {
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

    init(_ plan: WatchPlan) {
        self.plan = plan
        windows = TrafficWindows(from: plan.liveSince, to: plan.until)
        live = plan.reference.columns.map { [Int](repeating: 0, count: $0.counts.count) }
    }

    /// Takes in a prediction; one of another model, of another release or outside the period is left out.
    mutating func add(_ prediction: Prediction) {
        guard prediction.model == plan.model, prediction.baton == plan.baton,
            windows.add(
                at: prediction.at, status: prediction.status, latencyMilliseconds: prediction.latencyMilliseconds)
        else { return }
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
        unreadable += other.unreadable
        firstUnreadable = firstUnreadable ?? other.firstUnreadable
        for column in live.indices {
            for place in live[column].indices { live[column][place] += other.live[column][place] }
        }
    }

    /// The drift of every feature and of the prediction; empty before the first row.
    func drift() -> [WatchReport.Drift] {
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
    func report(at now: Timestamp) -> WatchReport {
        let end = max(plan.liveSince, min(now, plan.until))
        let total = windows.total
        let drift = drift()
        let judgement = Judgement(total, drift, bounds: plan.bounds)
        return WatchReport(
            verdict: judgement.verdict, findings: judgement.findings + remarks(),
            total: total.window(from: plan.liveSince, to: end), windows: windows.report(until: end), drift: drift)
    }

    private func remarks() -> [String] {
        var remarks: [String] = []
        if windows.total.refusals > 0 {
            remarks.append(
                "\(windows.total.refusals) of \(windows.total.requests) requests were refused for a reason on the "
                    + "caller's side.")
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
}
