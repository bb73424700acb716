// SPDX-License-Identifier: Apache-2.0

package import Baton
import Digest
import RelayTerminal

/// What is left to say when a baton has ended.
package struct Summary: Codable, Sendable, Equatable {
    /// The baton's id, which is the release's.
    package var release: BatonID
    var model: String
    /// How it ended.
    package var ending: Ending
    var seconds: Double
    var artifact: String?
    var stages: [String: String]
    var gates: [Verification.Gate]
    var lanes: Int
    var endpoint: String?
    var requestsPlayed: Int
    var requestsFailed: Int
    var predictionsWatched: Int?
    /// What the watch found: `steady`, or what was wrong.
    var watch: String?
    /// Which columns drifted, and the highest index; nothing else that a watch can find is told here.
    var drift: String?
    var cost: Money?
    var ledger: LedgerHead?
    /// Who could not do its duty; nil when none failed.
    package var failedAt: Failed?
    /// The trace's id, as collectors of traces and log lines have it.
    var trace: String
    var screen: String

    /// Who could not do a duty.
    package struct Failed: Codable, Sendable, Equatable {
        var duty: Duty
        /// The leg whose duty it was.
        package var leg: Leg
        /// The consumer group that had it.
        package var lane: RaceLane
    }

    /// What a last report tells, and what became of the sample traffic.
    package init(_ report: BatonReport, traffic: TrafficCount?, screen: String) {
        let (state, results) = (report.state, report.state.results)
        release = state.id
        model = state.request.model
        ending = state.ending ?? Ending(.dropped, reason: "it has not ended")
        seconds = (state.changedAt - state.requestedAt).seconds
        artifact = results.build?.artifact.digest.description
        stages = Dictionary(results.build?.stages.map { ($0.name, $0.result.rawValue) } ?? []) { $1 }
        gates = results.verification?.gates ?? []
        lanes = results.rollout?.lanes.count ?? 0
        endpoint = results.rollout?.endpoint
        requestsPlayed = traffic?.sent ?? 0
        requestsFailed = traffic?.failed ?? 0
        predictionsWatched = results.watch?.total.predictions
        watch = results.watch.map(Self.verdict)
        drift = results.watch.flatMap(Self.drift)
        cost = results.closing?.total ?? report.cost
        ledger = results.closing?.ledger
        failedAt = state.accepted.last { $0.outcome != .completed }
            .map { Failed(duty: $0.duty, leg: $0.duty.leg, lane: $0.lane) }
        trace = state.trace.traceID
        self.screen = screen
    }

    private static func verdict(_ watch: WatchReport) -> String {
        let reasons = watch.verdict == .steady ? [] : watch.findings
        return reasons.isEmpty ? watch.verdict.rawValue : "\(watch.verdict.rawValue): \(reasons.joined(separator: " "))"
    }

    private static func drift(_ watch: WatchReport) -> String? {
        guard let worst = watch.drift.max(by: { $0.index < $1.index }) else { return nil }
        let drifted = watch.drift.filter(\.drifted).map(\.name)
        return (drifted.isEmpty ? "none" : "drifted: \(drifted.joined(separator: ", "))")
            + ", highest index \(Double(Int(worst.index * 1000)) / 1000) (\(worst.name))"
    }

    /// One row a fact, for people.
    package var lines: [String] {
        var rows: [(String, String)] = [
            ("release", "\(release)  \(model)"),
            ("ending", ending.sentence),
            ("time", RaceDrawing.clock(.milliseconds(Int64(seconds * 1000)))),
        ]
        if let artifact { rows.append(("artifact", artifact)) }
        if !stages.isEmpty {
            rows.append(
                ("stages", stages.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")))
        }
        rows += gates.map { ("gate", "\($0.passed ? "passed" : "FAILED")  \($0.name): \($0.detail)") }
        if let endpoint { rows.append(("lanes", "\(lanes) at \(endpoint)")) }
        if let predictionsWatched {
            rows.append(
                ("predictions", "\(predictionsWatched) watched; \(requestsPlayed) sent, \(requestsFailed) failed"))
        }
        if let watch { rows.append(("watch", watch)) }
        if let drift { rows.append(("drift", drift)) }
        if let cost { rows.append(("cost", cost.description)) }
        if let ledger { rows.append(("ledger", "chain \(ledger.chain), entry \(ledger.length), \(ledger.hash)")) }
        rows.append(("trace", trace))
        rows.append(("screen", screen))
        return rows.map { "  \($0.0.padded(13))\($0.1)" }
    }
}
