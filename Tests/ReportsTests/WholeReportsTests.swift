// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Digest
import Foundation
import Testing

@testable import Reports

@Suite("Whole reports")
struct WholeReportsTests {
    private static let start = Timestamp(milliseconds: 1_764_072_000_000)
    private static let baton = BatonID(source: "tests", id: "1")
    private static let build = AttemptKey(baton: baton, duty: .build, attempt: 1)

    private func withStore(_ body: (LocalArtifactStore) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "reports-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(LocalArtifactStore(directory: directory))
    }

    /// A pipeline's manifest with many outputs, stages and metrics.
    static func manifest(outputs count: Int) -> ReleaseManifest {
        let named = ["model.json", "metrics.json", "golden.json", "reference.csv"]
        let paths = named + (0..<count - named.count).map { "data/part-\($0)/shard.parquet" }
        let outputs = paths.map { ReleaseManifest.Output(path: $0, digest: SHA256.hash($0), bytes: 4096) }
        return ReleaseManifest(
            declaration: ReleaseDeclaration(
                model: .init(name: "iris", artifact: "model.json", kind: "xgboost"),
                input: .init(name: "input", features: (0..<30).map { "feature \($0)" }),
                gates: .init(
                    metrics: "metrics.json", floors: ["z.accuracy": 0.9], golden: "golden.json", tolerance: 0),
                lanes: 2,
                watch: .init(
                    periodSeconds: 3600, minimumPredictions: 50, reference: "reference.csv", maximumDrift: 0.2,
                    maximumErrorRate: 0.01, maximumLatencyMilliseconds: 100),
                calibration: nil, requests: nil, budget: Money(1, currency: "USD")),
            artifact: outputs[0], outputs: outputs.sorted { $0.path < $1.path },
            metrics: Dictionary(
                uniqueKeysWithValues: (0..<2000).map { ("class.\($0).recall", 0.5) } + [("z.accuracy", 1)]),
            stages: (0..<2000).map {
                .init(name: "part@\($0)", result: .ran, cpuSeconds: 1, key: SHA256.hash("\($0)"))
            },
            source: SHA256.hash("source"), commit: nil, lock: SHA256.hash("lock"))
    }

    /// What an hour's watch of thirty features over eight partitions finds.
    static func watch() -> WatchReport {
        let windows = (0..<120).map { number in
            let from = start + .seconds(number * 30)
            return WatchReport.Window(
                from: from, to: from + .seconds(30), predictions: 3000, requestsPerSecond: 100.123456789,
                errorRate: 0.00123456789, latencyMilliseconds: .init(p50: 1.23456789, p90: 2.3456789, p99: 9.87654321),
                refusals: 3)
        }
        return WatchReport(
            verdict: .steady, findings: ["360000 predictions, 0.1 % failed."], total: windows[0], windows: windows,
            drift: (0..<31).map { .init(name: "feature \($0)", index: 0.0123456789, noise: 0.0234567, drifted: false) },
            routers: [
                .init(
                    router: RouterID(instance: "deploy-0", startedAt: start), heardUntil: start, missed: 0, dropped: 0,
                    isComplete: true)
            ],
            readings: (0..<8).map { .init(partition: $0, from: 0, to: 45_000) },
            before: .init(from: start, requests: 1000, refusals: 1))
    }

    private static func verification() -> Verification {
        Verification(
            gates: (0..<500).map {
                .init(name: "metric \($0)", passed: $0 != 400, detail: String(repeating: "x", count: 2000))
            })
    }

    /// What each duty hands over, as its leg does.
    private func results(of duty: Duty, _ reports: WholeReports) throws -> Results {
        let key = AttemptKey(baton: Self.baton, duty: duty, attempt: 1)
        let money = Money(0.5, currency: "USD")
        var results = Results()
        switch duty {
        case .admission: results.admission = Admission(account: "team", available: money)
        case .build: results.build = try reports.keep(Self.manifest(outputs: 20_000), of: key)
        case .verification: results.verification = try reports.keep(Self.verification(), of: key)
        case .approval: results.approval = Approval(spent: money, limit: money)
        case .rollout:
            results.rollout = Rollout(
                instance: "d", endpoint: "http://127.0.0.1:1", lanes: [], replaced: nil, liveSince: Self.start)
        case .watch: results.watch = try reports.keep(Self.watch(), of: key)
        case .closing:
            results.closing = Closing(total: money, parts: [:], ledger: LedgerHead(chain: "0", length: 1, hash: "00"))
        }
        return results
    }

    @Test("of 20,000 outputs and a watch of an hour leave a baton's state and assignments under 64 kB")
    func small() throws {
        try withStore { store in
            let reports = WholeReports(store)
            var (state, now): (BatonState?, Timestamp) = (nil, Self.start)
            var largest = 0
            func take(_ event: RaceEvent) {
                now = now + .seconds(1)
                let (next, commands) = Race().apply(event, to: state, of: Self.baton, now: now)
                state = next
                largest = max(largest, next.map { JSON.encode($0).count } ?? 0)
                for command in commands {
                    switch command {
                    case .assign(let assignment): largest = max(largest, JSON.encode(assignment).count)
                    case .release(let release): largest = max(largest, JSON.encode(release).count)
                    case .withdraw, .journal: break
                    }
                }
            }
            let request = ReleaseRequest(project: .init(directory: "/p"), model: "iris", requester: "ann")
            take(.requested(request, source: "tests", id: "1"))
            while let current = state?.current {
                take(
                    .handedOff(
                        Handoff(
                            baton: Self.baton, duty: current.duty, attempt: current.number, lane: current.lane,
                            worker: "w", outcome: .completed, results: try results(of: current.duty, reports),
                            startedAt: now, finishedAt: now)))
            }
            #expect(state?.ending?.kind == .finished)
            #expect(largest < 64_000, "\(largest) bytes")
            #expect(JSON.encode(Self.manifest(outputs: 20_000)).count > 1_000_000)
        }
    }

    @Test("are found behind their summaries, and say which attempt they are of")
    func kept() throws {
        try withStore { store in
            let reports = WholeReports(store)
            let (manifest, watch) = (Self.manifest(outputs: 100), Self.watch())
            let summary = try reports.keep(manifest, of: Self.build)
            let whole = try #require(summary.whole)
            #expect(try reports.whole(of: summary) == manifest)
            #expect(try reports.whole(of: reports.keep(watch, of: Self.build)) == watch)
            #expect(try reports.whole(of: manifest) == manifest)
            #expect(whole.leftOut["outputs"] == 96)
            #expect(summary.outputs.map(\.path) == ["golden.json", "metrics.json", "model.json", "reference.csv"])
            #expect(summary.metrics["z.accuracy"] == 1)
            #expect(
                try store.record(kind: WholeReports.recordKind, key: whole.digest) == Array("\(Self.build)".utf8))
            #expect(try reports.output("data/part-7/shard.parquet", of: summary).bytes == 4096)
            #expect(throws: Refusal.self) { try reports.output("nothing", of: summary) }
        }
    }

    @Test("that are missing are told as missing, and the outputs that relay.yaml names are there all the same")
    func missing() throws {
        try withStore { store in
            var summary = try WholeReports(store).keep(Self.manifest(outputs: 100), of: Self.build)
            let digest = SHA256.hash("never stored")
            summary.whole?.digest = digest
            #expect(throws: ArtifactStoreError.missing(digest)) { try WholeReports(store).whole(of: summary) }
            #expect(throws: ArtifactStoreError.missing(digest)) {
                try WholeReports(store).output("data/part-7", of: summary)
            }
            #expect(try WholeReports(store).output("reference.csv", of: summary).bytes == 4096)
        }
    }

    @Test("keep in their summaries what failed and what drifted most")
    func important() throws {
        try withStore { store in
            let gates = try WholeReports(store).keep(Self.verification(), of: Self.build)
            #expect(gates.gates.contains { !$0.passed } && gates.gates.count < 20)
            #expect(gates.gates.count + (gates.whole?.leftOut["gates"] ?? 0) == 500)
            var report = Self.watch()
            report.drift = (0..<5000).map {
                .init(name: "f\($0)", index: $0 == 4321 ? 2 : 0.01, noise: 0.1, drifted: $0 == 4321)
            }
            let watch = try WholeReports(store).keep(report, of: Self.build)
            #expect(watch.drift.contains { $0.name == "f4321" } && watch.drift.count < 200)
            #expect(watch.windows.isEmpty && watch.whole?.leftOut["windows"] == 120)
            #expect(watch.readings == report.readings && watch.routers == report.routers)
        }
    }
}
