// SPDX-License-Identifier: Apache-2.0

import Baton

/// What the watch of a release found.
struct ScreenWatch: Encodable, Sendable, Equatable {
    struct Drift: Encodable, Sendable, Equatable {
        let name: String
        let index: Double
        let drifted: Bool
        /// The index as a part of its bound: 1 is at it.
        let share: Double
    }

    let verdict: WatchReport.Verdict
    let findings: [String]
    let total: WatchReport.Window
    /// What is nearest to its bound, or furthest beyond it, first.
    let drift: [Drift]

    init?(_ state: BatonState) {
        guard let report = state.results.watch else { return nil }
        let allowed = state.results.build?.declaration.watch.maximumDrift ?? 0
        verdict = report.verdict
        findings = report.findings + [report.whole?.remark(on: ["findings", "drift"])].compactMap(\.self)
        total = report.total
        drift = report.drift.map { column in
            // The bound is at least what chance could show; a bound of nothing is exceeded by anything.
            let share = column.index / max(allowed, column.noise, 1e-9)
            return Drift(name: column.name, index: column.index, drifted: column.drifted, share: share)
        }
        .sorted { $0.share > $1.share }
    }
}
