// SPDX-License-Identifier: Apache-2.0

import Digest
import Testing

@testable import Baton

/// A payload as it is written, and how it is read.
struct PayloadSample: Sendable, CustomTestStringConvertible {
    let type: String
    let name: String
    let bytes: [UInt8]
    /// Reads the bytes as the suite would; nil where the payload's type is a service's own.
    let read: (@Sendable ([UInt8]) throws -> Void)?

    var testDescription: String { "\(type) \(name)" }

    init<Payload: EventPayload>(_ name: String, _ payload: Payload) {
        type = Payload.eventType
        self.name = name
        bytes = JSON.encode(payload)
        read = { _ = try JSON.decode(Payload.self, from: $0) }
    }

    init(_ name: String, _ request: ReleaseRequest) {
        type = EventType.releaseRequested
        self.name = name
        bytes = JSON.encode(request)
        read = { bytes in
            let event = CloudEvent(id: "1", source: "ci", type: EventType.releaseRequested, data: bytes)
            _ = try ReleaseRequest.read(event)
        }
    }

    init(_ name: String, _ type: String, _ members: [String: JSONValue]) {
        self.type = type
        self.name = name
        bytes = JSON.encode(members)
        read = nil
    }
}

extension PayloadSample {
    /// Every payload, at least once with all that is optional and once with nothing of it.
    static let all = requests + states + duties + records

    private static let baton = BatonID(source: "ci", id: "1")
    private static let moment = Timestamp(milliseconds: 1_764_000_000_123)
    private static let later = moment + .seconds(60)
    private static let money = Money(0.5, currency: "USD")
    private static let trace = BatonTrace(baton, request: nil).race
    private static let digest = SHA256.hash("content")
    private static let stored = StoredReport(digest: digest, bytes: 4_000, leftOut: ["outputs": 20])
    private static let router = RouterID(instance: "deploy-0", startedAt: moment)
    private static let whole = ReleaseRequest(
        project: .init(git: "https://example.org/iris.git", commit: "4f2c1d9", path: "model"), model: "iris",
        requester: "ann", reason: "new data", parameters: ["train.max_depth": .number(4)])
    private static let plain = ReleaseRequest(project: .init(directory: "/project"), model: "iris", requester: "ann")

    private static var requests: [PayloadSample] {
        [
            .init("from git", whole), .init("from a directory", plain),
            .init("accepted", BatonRequest(source: "ci", id: "1", request: plain)),
            .init("traced", BatonRequest(source: "ci", id: "1", request: plain, traceparent: trace)),
            .init("cancelled", CancelRequest(baton: baton, by: "ann", reason: "wrong data")),
        ]
    }

    private static func manifest(full: Bool) -> ReleaseManifest {
        var manifest = ReleaseManifest.sample
        manifest.stages = [.init(name: "train", result: full ? .ran : .unchanged, cpuSeconds: 1.5, key: digest)]
        if full {
            manifest.commit = "4f2c1d9"
            manifest.declaration.calibration = "calibration.csv"
            manifest.declaration.requests = "requests.jsonl"
            manifest.declaration.contract = .init(version: 2)
            manifest.declaration.watch.maximumRefusalRate = 0.1
            manifest.whole = stored
        }
        return manifest
    }

    private static func results(full: Bool) -> Results {
        var results = Results()
        results.admission = Admission(account: "team", available: money)
        results.build = manifest(full: full)
        results.verification = Verification(
            gates: [.init(name: "accuracy", passed: true, detail: "0.95 of 0.9")], interface: full ? interface : nil)
        results.approval = Approval(spent: money, limit: money)
        results.rollout = Rollout(
            instance: "deploy-0", endpoint: "http://127.0.0.1:8081",
            lanes: [.init(id: "deploy-0/1", processID: 42, port: 40_001)],
            replaced: full ? BatonID(source: "ci", id: "0") : nil, liveSince: moment)
        let window = WatchReport.Window(
            from: moment, to: later, predictions: 10, requestsPerSecond: 2, errorRate: 0.1,
            latencyMilliseconds: .init(p50: 1, p90: 2, p99: 3))
        var counted = window
        counted.refusals = 2
        results.watch = WatchReport(
            verdict: .steady, findings: ["all is well"], total: counted, windows: [window],
            drift: [.init(name: "a", index: 0.01, noise: 0.02, drifted: false)])
        if full {
            results.watch?.routers = [.init(router: router, heardUntil: later, missed: 3, dropped: 1, isComplete: true)]
            results.watch?.readings = [.init(partition: 2, from: 7, to: 19)]
            results.watch?.before = .init(from: moment, requests: 9, refusals: 1)
            results.watch?.whole = stored
            results.verification?.whole = stored
        }
        results.closing = Closing(
            total: money, parts: ["requests": money],
            ledger: LedgerHead(chain: "0", length: 7, hash: digest.hex))
        return results
    }

    private static let interface = ModelInterface(
        inputs: [.init(name: "features", datatype: "FP32", shape: [-1, 2])],
        outputs: [.init(name: "predict", datatype: "FP32", shape: [-1])])

    private static func usage(_ resource: Usage.Resource = .cpuSeconds) -> Usage {
        Usage(id: "u-\(resource)", resource: resource, amount: 1.5, baton: baton, leg: .pipeline, measuredAt: moment)
    }

    private static var states: [PayloadSample] {
        var running = BatonState(
            id: baton, requestSource: "ci", requestID: "1", request: whole, traceparent: trace, requestedAt: moment,
            changedAt: later, version: 2, current: nil, ending: nil, accepted: [], results: results(full: true),
            usage: ["u"], isLive: true)
        running.current = .init(
            duty: .closing, number: 1, lane: .primary, assignedAt: moment, firstAssignedAt: moment, deadline: later,
            failures: 0)
        running.ending = Ending(.dropped, reason: "build: a stage failed")
        running.accepted = [
            .init(
                duty: .build, attempt: 1, lane: .fallback, worker: "p-0", outcome: .failed, acceptedAt: moment)
        ]
        var fresh = running
        fresh.request = plain
        fresh.traceparent = nil
        (fresh.current, fresh.ending, fresh.accepted, fresh.results) = (nil, nil, [], Results())
        var ended = running
        ended.current = nil
        (ended.ending, ended.results) = (Ending(.finished), results(full: false))
        var superseded = ended
        superseded.ending = Ending(supersededBy: BatonID(source: "ci", id: "2"))
        return [
            .init("running", running), .init("fresh", fresh), .init("ended", ended), .init("superseded", superseded),
        ]
    }

    private static var duties: [PayloadSample] {
        let order = Assignment(
            baton: baton, duty: .closing, attempt: 2, lane: .fallback, assignedAt: later, firstAssignedAt: moment,
            deadline: later, request: whole, results: results(full: true), usage: ["u"],
            ending: Ending(.cancelled, reason: "ann: wrong data"), traceparent: trace)
        var first = order
        (first.request, first.results, first.usage, first.ending) = (plain, Results(), [], nil)
        first.traceparent = nil
        var withdrawal = first
        withdrawal.withdrawal = .init(reason: "cancelled: ann: wrong data")
        var failed = Handoff.completed(baton, .watch, 1, .primary)
        failed.fail("drifted", retryable: true)
        failed.usage = [usage()]
        var superseded = failed
        (superseded.retryable, superseded.supersededBy) = (false, BatonID(source: "ci", id: "2"))
        var completed = Handoff.completed(baton, .closing, 1, .primary)
        completed.results = results(full: false)
        let progress = Progress(
            baton: baton, duty: .build, attempt: 1, lane: .primary, worker: "p-0", fraction: 0.5, note: "train",
            at: moment)
        var heldUp = progress
        heldUp.isHeldUp = true
        return [
            .init("with an ending", order), .init("first", first), .init("withdrawal", withdrawal),
            .init("failed", failed), .init("superseded", superseded), .init("completed", completed),
            .init("half done", progress), .init("held up", heldUp),
        ]
    }

    private static var records: [PayloadSample] {
        let told = JournalEntry(
            id: "j-1", baton: baton, action: .takeoverOrdered, actor: "captain", duty: .build, attempt: 1,
            lane: .fallback, reason: "no sign of life for 1.0 s", at: moment)
        let bare = JournalEntry(id: "j-2", baton: baton, action: .requested, actor: "ann", at: moment)
        let release = ReleaseRecord(
            model: "iris", baton: baton, status: .live, manifest: manifest(full: true), requestedAt: moment,
            interface: interface, changedAt: moment, traceparent: trace)
        var withdrawn = release
        (withdrawn.status, withdrawn.manifest) = (.withdrawn, manifest(full: false))
        (withdrawn.traceparent, withdrawn.requestedAt, withdrawn.interface) = (nil, nil, nil)
        withdrawn.servedSince = moment
        let answered = Prediction(
            id: "r-1", model: "iris", baton: baton, artifact: digest, lane: "deploy-0/1", status: 200,
            rows: [[1, nil], [0.5, 2]], outputs: [0.25, 0.75], latencyMilliseconds: 1.5, at: moment)
        var unanswered = answered
        (unanswered.lane, unanswered.status, unanswered.rows, unanswered.outputs) = (nil, 503, [], [])
        var numbered = answered
        (numbered.router, numbered.number, numbered.isAbridged) = (router, 7, true)
        let mark = RouterMark(
            model: "iris", baton: baton, router: router, through: moment, written: 7, dropped: 1, isLast: true)
        var witnessed = mark
        witnessed.isWitness = true
        let signal = Signal(
            name: "drift", level: .warning, baton: baton, model: "iris", text: "a has drifted.", values: ["index": 0.3],
            at: moment)
        var general = signal
        (general.baton, general.model, general.values) = (nil, nil, [:])
        return [
            .init("with a duty", told), .init("without a duty", bare), .init("live", release),
            .init("withdrawn", withdrawn), .init("answered", answered), .init("unanswered", unanswered),
            .init("numbered", numbered), .init("of a router", mark), .init("of a witness", witnessed),
            .init("of a baton", signal), .init("of nothing", general), .init("processor time", usage()),
        ] + ledger(told, bare)
    }

    private static func ledger(_ told: JournalEntry, _ bare: JournalEntry) -> [PayloadSample] {
        let origin = LedgerEntry.Origin(topic: "relay.journal", partition: 0, offset: 3)
        func entry(_ fact: LedgerEntry.Fact) -> LedgerEntry {
            LedgerEntry(after: .empty(chain: "0"), fact: fact, origin: origin, at: moment)
        }
        return [
            .init("of a request", entry(.journal(bare, account: "team"))),
            .init("of a decision", entry(.journal(told, account: nil))),
            .init("of a consumption", entry(.usage(usage(.movedBytes), price: money))),
            .init(
                "of a quarantine",
                entry(
                    .quarantine(
                        LedgerQuarantine(
                            offset: 3, value: [1], problem: "it is not a ledger entry", by: "ann", reason: "a test")))),
        ]
    }
}
