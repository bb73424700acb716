// SPDX-License-Identifier: Apache-2.0

package import Baton
import Foundation
import Statistics

/// What the numbers of a watch mean against the declared bounds.
package struct Judgement: Equatable {
    let verdict: WatchReport.Verdict
    /// One sentence for each bound that was broken; one that says all is well when none was.
    let findings: [String]

    /// How many columns that drifted are named; the report has all of them.
    private static let namedColumns = 3

    /// Requests that are refused tell of the release by themselves. Otherwise too little to judge by comes before what
    /// little there is, and failing comes before drifted.
    init(
        _ total: Traffic, _ drift: [WatchReport.Drift], before: WatchReport.Before, bounds: ReleaseDeclaration.Watch
    ) {
        let refused = Self.refused(total, before, bounds)
        var findings: [String] = refused
        // Where nothing was seen nothing is known, even when the release declares that this is enough.
        let needed = max(1, bounds.minimumPredictions)
        let isKnown = total.accepted >= needed
        if !isKnown {
            findings.append(
                "Only \(total.accepted) predictions were seen in \(Self.plain(bounds.periodSeconds)) s, and at least "
                    + "\(needed) are needed to know how the release does.")
        }
        let service = Self.service(total, bounds)
        let drifted = Self.drifted(drift, bounds)
        findings += service + drifted
        switch (isKnown, service.isEmpty, drifted.isEmpty) {
        case _ where !refused.isEmpty: verdict = .failing
        case (false, _, _): verdict = .unknown
        case (true, false, _): verdict = .failing
        case (true, true, false): verdict = .drifted
        case (true, true, true):
            verdict = .steady
            findings = [Self.allWell(total, drift)]
        }
        self.findings = findings
    }

    /// Whether the leg passes: the release is steady, or it declares that it needs no prediction and had none.
    package static func passes(_ report: WatchReport, bounds: ReleaseDeclaration.Watch) -> Bool {
        switch report.verdict {
        case .steady: true
        case .unknown: bounds.minimumPredictions <= 0 && report.total.predictions == 0
        case .drifted, .failing: false
        }
    }

    private static func service(_ total: Traffic, _ bounds: ReleaseDeclaration.Watch) -> [String] {
        var sentences: [String] = []
        if total.errorRate > bounds.maximumErrorRate {
            sentences.append(
                "\(percent(total.errorRate)) of the requests failed (\(total.failures) of \(total.requests)), and at "
                    + "most \(percent(bounds.maximumErrorRate)) may.")
        }
        let p99 = total.latency.percentile(0.99)
        if p99 > bounds.maximumLatencyMilliseconds {
            sentences.append(
                "The 99th percentile of latency is \(plain(p99)) ms, and at most "
                    + "\(plain(bounds.maximumLatencyMilliseconds)) ms is allowed.")
        }
        return sentences
    }

    private static func refused(
        _ total: Traffic, _ before: WatchReport.Before, _ bounds: ReleaseDeclaration.Watch
    ) -> [String] {
        let allowed: String
        if let maximum = bounds.maximumRefusalRate {
            guard total.refusalRate > maximum else { return [] }
            allowed = "at most \(percent(maximum)) may be (watch.maximumRefusalRate)"
        } else if before.requests >= Refusals.fewestRequests {
            guard Refusals.haveRisen(total.refusals, of: total.requests, before: before) else { return [] }
            allowed =
                "before this release \(percent(Refusals.share(before.refusals, before.requests))) were "
                + "(\(before.refusals) of \(before.requests))"
        } else {
            guard total.requests >= Refusals.fewestRequests, total.refusalRate > Refusals.maximumShare else {
                return []
            }
            allowed = "at most \(percent(Refusals.maximumShare)) may be where nothing is known of before"
        }
        return [
            "\(percent(total.refusalRate)) of the requests were refused (\(total.refusals) of \(total.requests)), and "
                + "\(allowed): see whether callers still send what input.name and input.features declare; "
                + "their answers say what was wrong."
        ]
    }

    private static func drifted(_ drift: [WatchReport.Drift], _ bounds: ReleaseDeclaration.Watch) -> [String] {
        let drifted = drift.filter(\.drifted).sorted { $0.index > $1.index }
        let sentences = drifted.prefix(namedColumns).map { sentence($0, bounds) }
        let more = drifted.count - sentences.count
        return more > 0 ? sentences + ["And \(more) more drifted; the report has them all."] : sentences
    }

    private static func sentence(_ drift: WatchReport.Drift, _ bounds: ReleaseDeclaration.Watch) -> String {
        "\(drift.name) drifted: its population stability index is \(plain(drift.index)), above the bound of "
            + "\(plain(bounds.maximumDrift)) and above the \(plain(drift.noise)) that chance explains."
    }

    private static func allWell(_ total: Traffic, _ drift: [WatchReport.Drift]) -> String {
        let worst = drift.max { $0.index < $1.index }
        return "\(total.requests) predictions, \(percent(total.errorRate)) failed, 99th percentile of latency "
            + "\(plain(total.latency.percentile(0.99))) ms"
            + (worst.map { ", largest drift \(plain($0.index)) (\($0.name))." } ?? ", no row to compare.")
    }

    /// Three significant digits.
    static func plain(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        guard value != 0, abs(value) < 1000 else { return "\(Int64(value.rounded()))" }
        let decimals = max(0, 2 - Int(log10(abs(value)).rounded(.down)))
        guard decimals <= 9 else { return "\(value)" }
        let scale = (0..<decimals).reduce(Int64(1)) { scale, _ in scale * 10 }
        let (whole, rest) = Int64((abs(value) * Double(scale)).rounded()).quotientAndRemainder(dividingBy: scale)
        let digits = String(rest)
        var fraction = Substring(String(repeating: "0", count: max(0, decimals - digits.count)) + digits)
        while fraction.last == "0" { fraction.removeLast() }
        return (value < 0 ? "-" : "") + "\(whole)" + (fraction.isEmpty ? "" : ".\(fraction)")
    }

    static func percent(_ share: Double) -> String { plain(share * 100) + " %" }
}
