// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import Kafka
import LegRuntime
import Logging

let topics = Topics(prefix: "test.")
let moment = Timestamp(milliseconds: 1_764_000_000_000)
let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

extension ReleaseRequest {
    static let sample = ReleaseRequest(
        project: .init(directory: "/project"), model: "breast-cancer", requester: "ann", reason: "weekly refresh")
    static let json = #"{"project":{"directory":"/project"},"model":"breast-cancer","requester":"ann"}"#
}

extension ReleaseManifest {
    static var sample: ReleaseManifest {
        let digest = SHA256.hash("model")
        let output = Output(path: "model/model.json", digest: digest, bytes: 52_431)
        let declaration = ReleaseDeclaration(
            model: .init(name: "breast-cancer", artifact: "model/model.json", kind: "xgboost"),
            input: .init(name: "features", features: ["mean radius", "mean texture"]),
            gates: .init(metrics: "metrics.json", floors: ["accuracy": 0.93], golden: "golden.json", tolerance: 1e-6),
            lanes: 3,
            watch: .init(
                periodSeconds: 5, minimumPredictions: 10, reference: "reference.csv", maximumDrift: 0.2,
                maximumErrorRate: 0.01, maximumLatencyMilliseconds: 100),
            calibration: nil, requests: nil, budget: Money(1, currency: "USD"))
        let stages = ["prepare", "train", "evaluate", "package"].map {
            Stage(name: $0, result: $0 == "prepare" ? .unchanged : .ran, cpuSeconds: 1.2, key: digest)
        }
        return ReleaseManifest(
            declaration: declaration, artifact: output, outputs: [output],
            metrics: ["accuracy": 0.9649, "auc": 0.9921], stages: stages, source: digest, commit: nil, lock: digest)
    }
}

extension Results {
    /// The part that a duty hands over.
    static func part(_ duty: Duty) -> Results {
        let money = Money(0.0123, currency: "USD")
        var results = Results()
        switch duty {
        case .admission: results.admission = Admission(account: "team", available: Money(25, currency: "USD"))
        case .build: results.build = .sample
        case .verification:
            results.verification = Verification(gates: [
                .init(name: "artifact", passed: true, detail: "52,431 bytes, the digest is the manifest's"),
                .init(name: "accuracy", passed: true, detail: "0.9649 is at least 0.93"),
                .init(name: "golden requests", passed: true, detail: "20 of 20 within 1e-06 on a served lane"),
            ])
        case .approval: results.approval = Approval(spent: money, limit: Money(1, currency: "USD"))
        case .rollout:
            results.rollout = Rollout(
                instance: "deploy-1", endpoint: "http://127.0.0.1:8100",
                lanes: (1...3).map { .init(id: "lane-\($0)", processID: 4000 + $0, port: 41_000 + Int($0)) },
                replaced: nil, liveSince: moment)
        case .watch: results.watch = .sample
        case .closing:
            results.closing = Closing(
                total: money, parts: [:], ledger: LedgerHead(chain: "0", length: 12, hash: "00ff"))
        }
        return results
    }
}

extension WatchReport {
    static var sample: WatchReport {
        let indices: [(String, Double)] = [
            ("worst concave points", 0.084), ("mean radius", 0.061), ("mean texture", 0.235), ("worst area", 0.032),
            ("prediction", 0.044), ("mean symmetry", 0.018), ("radius error", 0.009),
        ]
        return WatchReport(
            verdict: .steady, findings: ["412 predictions in 5.0 s; none failed."],
            total: .init(
                from: moment, to: moment + .seconds(5), predictions: 412, requestsPerSecond: 82.4, errorRate: 0,
                latencyMilliseconds: .init(p50: 1.2, p90: 2.4, p99: 6.8)),
            windows: [],
            drift: indices.map { .init(name: $0.0, index: $0.1, noise: 0.05, drifted: $0.1 > 0.2) })
    }
}

extension Handoff {
    static func of(_ assignment: Assignment, worker: String = "worker-1") -> Handoff {
        Handoff(
            baton: assignment.baton, duty: assignment.duty, attempt: assignment.attempt, lane: assignment.lane,
            worker: worker, outcome: .completed, results: .part(assignment.duty), startedAt: moment,
            finishedAt: moment)
    }
}

extension ProducerRecord {
    /// The record as a reader of its topic would see it.
    func read(partition: Int32 = 0, offset: Int64) -> ConsumerRecord {
        ConsumerRecord(
            topic: topic, partition: self.partition ?? partition, offset: offset, key: key, value: value,
            headers: headers, timestampMilliseconds: timestampMilliseconds ?? -1)
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
    }

    var text: String { String(decoding: value ?? [], as: UTF8.self) }
}

extension EventPayload {
    /// The payload as a record of a topic, keyed by a baton.
    func record(on topic: String, _ baton: BatonID) -> ProducerRecord {
        record(topic: topic, key: baton.description, id: "id", source: "test", subject: nil, time: moment)
    }
}
