// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import LegRuntime

/// A leg whose duties are done at once.
struct NoWork: LegWork {
    let leg: Leg
    /// A build that never comes to its end.
    let holdsBuilds: Bool

    func perform(_ assignment: Assignment, _ context: WorkContext) async throws -> Results {
        if holdsBuilds, assignment.duty == .build {
            for await _ in AsyncStream<Never>.makeStream().stream {}
            throw CancellationError()
        }
        return Self.results(of: assignment.duty, at: assignment.assignedAt)
    }

    /// The least that the rules accept as a duty's result.
    static func results(of duty: Duty, at now: Timestamp) -> Results {
        let nothing = Money(micros: 0, currency: "USD")
        var results = Results()
        switch duty {
        case .admission: results.admission = Admission(account: "bench", available: nothing)
        case .build: results.build = manifest
        case .verification: results.verification = Verification(gates: [])
        case .approval: results.approval = Approval(spent: nothing, limit: nothing)
        case .rollout:
            results.rollout = Rollout(
                instance: "bench", endpoint: "http://127.0.0.1:1", lanes: [], replaced: nil, liveSince: now)
        case .watch:
            let latency = WatchReport.Percentiles(p50: 0, p90: 0, p99: 0)
            let window = WatchReport.Window(
                from: now, to: now, predictions: 0, requestsPerSecond: 0, errorRate: 0, latencyMilliseconds: latency)
            results.watch = WatchReport(verdict: .steady, findings: [], total: window, windows: [], drift: [])
        case .closing:
            results.closing = Closing(
                total: nothing, parts: [:], ledger: LedgerHead(chain: "bench", length: 0, hash: ""))
        }
        return results
    }

    private static var manifest: ReleaseManifest {
        let digest = SHA256.hash("bench")
        let watch = ReleaseDeclaration.Watch(
            periodSeconds: 0, minimumPredictions: 0, reference: "reference.csv", maximumDrift: 1, maximumErrorRate: 1,
            maximumLatencyMilliseconds: 1)
        let declaration = ReleaseDeclaration(
            model: .init(name: "bench", artifact: "model.json", kind: "xgboost"),
            input: .init(name: "input", features: ["x"]),
            gates: .init(metrics: "metrics.json", floors: [:], golden: "golden.json", tolerance: 0), lanes: 1,
            watch: watch, calibration: nil, requests: nil, budget: Money(micros: 0, currency: "USD"))
        return ReleaseManifest(
            declaration: declaration, artifact: .init(path: "model.json", digest: digest, bytes: 1), outputs: [],
            metrics: [:], stages: [], source: digest, commit: nil, lock: digest)
    }
}
