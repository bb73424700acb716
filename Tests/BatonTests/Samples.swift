// SPDX-License-Identifier: Apache-2.0

import Digest

@testable import Baton

extension ReleaseRequest {
    static let sample = ReleaseRequest(project: .init(directory: "/project"), model: "iris", requester: "ann")
}

extension ReleaseManifest {
    static var sample: ReleaseManifest {
        let digest = SHA256.hash("model")
        let output = Output(path: "model.json", digest: digest, bytes: 5)
        let declaration = ReleaseDeclaration(
            model: .init(name: "iris", artifact: "model.json", kind: "xgboost"),
            input: .init(name: "features", features: ["a", "b"]),
            gates: .init(metrics: "metrics.json", floors: ["accuracy": 0.9], golden: "golden.json", tolerance: 1e-6),
            lanes: 2,
            watch: .init(
                periodSeconds: 5, minimumPredictions: 10, reference: "reference.csv", maximumDrift: 0.2,
                maximumErrorRate: 0.01, maximumLatencyMilliseconds: 100),
            calibration: nil, requests: nil, budget: Money(1, currency: "USD"))
        return ReleaseManifest(
            declaration: declaration, artifact: output, outputs: [output], metrics: ["accuracy": 0.95], stages: [],
            source: digest, commit: nil, lock: digest)
    }
}

extension Handoff {
    static func completed(_ baton: BatonID, _ duty: Duty, _ attempt: Int, _ lane: RaceLane) -> Handoff {
        let moment = Timestamp(milliseconds: 5)
        let money = Money(0.5, currency: "USD")
        var results = Results()
        switch duty {
        case .admission: results.admission = Admission(account: "team", available: money)
        case .build: results.build = .sample
        case .verification: results.verification = Verification(gates: [])
        case .approval: results.approval = Approval(spent: money, limit: money)
        case .rollout:
            results.rollout = Rollout(
                instance: "d", endpoint: "http://127.0.0.1:1", lanes: [], replaced: nil, liveSince: moment)
        case .watch:
            results.watch = WatchReport(
                verdict: .steady, findings: [],
                total: .init(
                    from: moment, to: moment, predictions: 0, requestsPerSecond: 0, errorRate: 0,
                    latencyMilliseconds: .init(p50: 0, p90: 0, p99: 0)), windows: [], drift: [])
        case .closing:
            results.closing = Closing(
                total: money, parts: [:], ledger: LedgerHead(chain: "0", length: 1, hash: "00"))
        }
        return Handoff(
            baton: baton, duty: duty, attempt: attempt, lane: lane, worker: "worker", outcome: .completed,
            results: results, startedAt: moment, finishedAt: moment)
    }

    mutating func fail(_ reason: String, retryable: Bool) {
        outcome = .failed
        self.reason = reason
        self.retryable = retryable
    }
}
