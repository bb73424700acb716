// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import Kafka

@testable import Judge
@testable import JudgeRules
@testable import RelayClients

/// Lets batons race by the captain's own rules, and writes what each service would.
struct JudgeHistory: Sendable {
    static let account = "team"

    var world = JudgeWorld()
    var race = Race()
    private(set) var states: [BatonID: BatonState] = [:]
    private var entered = 0
    private var heads: [Int32: LedgerHead] = [:]
    private var facts: Set<String> = []
    private var costs: [BatonID: [String: Int64]] = [:]
    private var answers: [BatonID: Int64] = [:]

    // MARK: Requests

    static func request(_ model: String = "iris") -> ReleaseRequest {
        ReleaseRequest(project: .init(directory: "/project"), model: model, requester: "ann")
    }

    @discardableResult
    mutating func request(_ id: String, model: String = "iris") -> BatonID {
        let baton = BatonID(source: "ci", id: id)
        let event = CloudEvent(
            id: id, source: "ci", type: EventType.releaseRequested, data: JSON.encode(Self.request(model)))
        world.write(
            world.topics.inbox, key: id, value: event.data,
            headers: event.kafkaHeaders.map { KafkaHeader(name: $0.name, value: $0.value) })
        world.write(
            BatonRequest(source: "ci", id: id, request: Self.request(model)), world.topics.batonEvents,
            key: "\(baton)")
        take(.requested(Self.request(model), source: "ci", id: id), of: baton)
        return baton
    }

    /// Something that is no request, and its dead letter.
    mutating func nonsense() {
        let place = world.write(world.topics.inbox, key: "n", value: Array("nonsense".utf8))
        letter(place, value: Array("nonsense".utf8), reader: "captain.intake")
    }

    /// A request whose value leaves a dead letter no room, which so says only how long it was.
    mutating func hugeNonsense() {
        let value = Array(repeating: UInt8(ascii: "x"), count: 1_000)
        let place = world.write(world.topics.inbox, key: "n", value: value)
        letter(place, value: nil, reader: "captain.intake", omitting: value.count)
    }

    /// An assignment that cannot be read, and the dead letters of both lanes.
    mutating func brokenAssignment() {
        let place = world.write(world.topics.leg(.deploy), key: "n", value: [])
        for reader in ["deploy-0", "deploy-fallback-0"] { letter(place, value: [], reader: reader) }
    }

    private mutating func letter(_ place: Place, value: [UInt8]?, reader: String, omitting bytes: Int? = nil) {
        var found = [
            ("relay_reason", "no event"), ("relay_topic", place.channel.name(world.topics)),
            ("relay_partition", "\(place.partition)"), ("relay_offset", "\(place.offset)"), ("relay_reader", reader),
        ]
        if let bytes { found.append(("relay_omitted_bytes", "\(bytes)")) }
        world.write(
            world.topics.deadLetters, key: "n", value: value,
            headers: found.map { KafkaHeader(name: $0.0, text: $0.1) })
    }

    // MARK: The captain

    mutating func take(_ event: RaceEvent, of baton: BatonID) {
        world.now = world.now + .milliseconds(40)
        let before = states[baton]
        let (state, commands) = race.apply(event, to: before, of: baton, now: world.now)
        let topics = world.topics
        for command in commands {
            switch command {
            case .assign(let assignment), .withdraw(let assignment):
                world.write(assignment, topics.leg(assignment.duty.leg), key: "\(baton)")
            case .journal(let entry): world.write(entry, topics.journal, key: "\(baton)")
            case .release(let release): world.write(release, topics.releases, key: release.key, partition: 0)
            }
        }
        states[baton] = state
        if let state, state != before { world.write(state, topics.batons, key: "\(baton)") }
        enter()
    }

    mutating func stall(_ baton: BatonID) {
        if let key = states[baton]?.currentKey { take(.stalled(key), of: baton) }
    }

    /// The time of the attempt that is out is over.
    mutating func expire(_ baton: BatonID) {
        if let key = states[baton]?.currentKey { take(.deadlinePassed(key), of: baton) }
    }

    mutating func cancel(_ baton: BatonID) {
        let request = CancelRequest(baton: baton, by: "ann", reason: "wrong data")
        world.write(request, world.topics.batonEvents, key: "\(baton)")
        take(.cancelRequested(by: request.by, reason: request.reason), of: baton)
    }

    // MARK: The legs

    /// The answer to the attempt that is out.
    func handoff(_ baton: BatonID) -> Handoff? {
        guard let current = states[baton]?.current else { return nil }
        let key = AttemptKey(baton: baton, duty: current.duty, attempt: current.number)
        return Handoff(
            baton: baton, duty: current.duty, attempt: current.number, lane: current.lane,
            worker: "\(current.duty.leg)-\(current.lane)", outcome: .completed, results: results(key),
            usage: [
                Usage(
                    id: "\(key)/cpu-seconds", resource: .cpuSeconds, amount: 1.5, baton: baton, leg: current.duty.leg,
                    measuredAt: world.now)
            ], startedAt: world.now, finishedAt: world.now)
    }

    /// A worker hands off, and the captain judges it.
    mutating func answer(_ baton: BatonID, _ change: (inout Handoff) -> Void = { _ in }) {
        if var handoff = handoff(baton) {
            change(&handoff)
            give(handoff)
        }
    }

    mutating func give(_ handoff: Handoff) {
        let (topics, baton) = (world.topics, handoff.baton)
        world.write(
            Progress(
                baton: baton, duty: handoff.duty, attempt: handoff.attempt, lane: handoff.lane, worker: handoff.worker,
                fraction: 0.5, note: "half", at: world.now), topics.progress, key: "\(baton)")
        world.write(handoff, topics.batonEvents, key: "\(baton)")
        world.write(
            JournalEntry(
                id: "\(handoff.key)/decided/1", baton: baton, action: .decided, actor: handoff.worker,
                duty: handoff.duty, attempt: handoff.attempt, lane: handoff.lane, reason: "so", at: world.now),
            topics.journal, key: "\(baton)")
        for usage in handoff.usage { world.write(usage, topics.usage, key: Self.account) }
        take(.handedOff(handoff), of: baton)
    }

    mutating func finish(_ baton: BatonID, until duty: Duty? = nil) {
        while let current = states[baton]?.current, current.duty != duty { answer(baton) }
    }

    static let router = RouterID(instance: "deploy-0", startedAt: Timestamp(milliseconds: 1))

    /// One answered request of a live release, and the router's mark behind it.
    @discardableResult
    mutating func predict(_ baton: BatonID, skipping: Int64 = 0, at time: Timestamp? = nil) -> Place {
        let number = answers[baton, default: 0] + skipping + 1
        answers[baton] = number
        let place = world.write(
            Prediction(
                id: "r", model: "iris", baton: baton, artifact: SHA256.hash("model"), lane: "l", status: 200, rows: [],
                outputs: [], latencyMilliseconds: 1, at: time ?? world.now, router: Self.router, number: number),
            world.topics.predictions, key: "iris")
        let mark = RouterMark(
            model: "iris", baton: baton, router: Self.router, through: world.now, written: number)
        world.write(mark, world.topics.predictions, key: mark.key, partition: JudgeWorld.partition(of: "iris"))
        return place
    }

    /// The report of a watch that ends now.
    private func watched(_ baton: BatonID, saying name: String) -> WatchReport {
        let (from, to) = (states[baton]?.results.rollout?.liveSince ?? world.now, world.now + .milliseconds(1))
        let answers = world.all(Prediction.self, world.topics.predictions).map(\.payload)
            .filter { $0.baton == baton && from <= $0.at && $0.at < to }
        let partition = JudgeWorld.partition(of: "iris")
        let end = world.records.filter { $0.topic == world.topics.predictions }.map { $0.offset + 1 }.max() ?? 0
        return WatchReport(
            verdict: .steady, findings: [name],
            total: .init(
                from: from, to: to, predictions: answers.count, requestsPerSecond: 0, errorRate: 0,
                latencyMilliseconds: .init(p50: 0, p90: 0, p99: 0)), windows: [], drift: [],
            routers: [.init(router: Self.router, heardUntil: to, missed: 0, dropped: 0, isComplete: true)],
            readings: [.init(partition: partition, from: 0, to: end)])
    }

    // MARK: Governance

    /// Enters what was told since the last time, at ten millionths a consumption.
    mutating func enter() {
        let topics = world.topics
        let fresh = world.records[entered...].filter { [topics.journal, topics.usage].contains($0.topic) }
        for record in fresh { if let fact = Self.fact(record, topics) { enter(fact, from: record) } }
        entered = world.records.count
    }

    static func fact(_ record: ConsumerRecord, _ topics: Topics) -> LedgerEntry.Fact? {
        let bytes = record.value ?? []
        if record.topic == topics.journal {
            return (try? JSON.decode(JournalEntry.self, from: bytes)).map { .journal($0, account: nil) }
        }
        return (try? JSON.decode(Usage.self, from: bytes)).map { .usage($0, price: Money(micros: 10, currency: "USD")) }
    }

    private mutating func enter(_ fact: LedgerEntry.Fact, from record: ConsumerRecord) {
        guard facts.insert(fact.id).inserted else { return }
        if case .usage(let usage, let price) = fact {
            costs[usage.baton, default: [:]][usage.resource.rawValue, default: 0] += price.micros
        }
        let head = heads[record.partition] ?? .empty(chain: String(record.partition))
        let entry = LedgerEntry(
            after: head, fact: fact,
            origin: .init(topic: record.topic, partition: record.partition, offset: record.offset), at: world.now)
        heads[record.partition] = entry.head
        world.write(entry, world.topics.ledger, key: entry.chain, partition: record.partition)
    }

    /// Forges an entry that continues a chain as it should.
    @discardableResult
    mutating func forge(_ fact: LedgerEntry.Fact, origin: LedgerEntry.Origin, in partition: Int32) -> Place {
        let entry = LedgerEntry(
            after: heads[partition] ?? .empty(chain: String(partition)), fact: fact, origin: origin, at: world.now)
        heads[partition] = entry.head
        return world.write(entry, world.topics.ledger, key: entry.chain, partition: partition)
    }

    // MARK: Results

    /// What an attempt hands over; no other attempt hands over the same.
    private func results(_ key: AttemptKey) -> Results {
        var results = Results()
        let (moment, name) = (world.now, "\(key)")
        switch key.duty {
        case .admission:
            results.admission = Admission(account: Self.account, available: Money(Double(key.attempt), currency: "USD"))
        case .build: results.build = Self.manifest(name)
        case .verification: results.verification = Verification(gates: [.init(name: name, passed: true, detail: "")])
        case .approval:
            results.approval = Approval(
                spent: Money(micros: Int64(key.attempt), currency: "USD"), limit: Money(1, currency: "USD"))
        case .rollout:
            results.rollout = Rollout(
                instance: name, endpoint: "http://127.0.0.1:1", lanes: [], replaced: nil, liveSince: moment)
        case .watch:
            results.watch = watched(key.baton, saying: name)
        case .closing:
            let parts = costs[key.baton, default: [:]].mapValues { Money(micros: $0, currency: "USD") }
            results.closing = Closing(
                total: Money(micros: parts.values.reduce(0) { $0 + $1.micros }, currency: "USD"), parts: parts,
                ledger: heads[JudgeWorld.partition(of: "\(key.baton)")] ?? .empty(chain: "0"))
        }
        return results
    }

    static func manifest(_ name: String) -> ReleaseManifest {
        let digest = SHA256.hash(name)
        let output = ReleaseManifest.Output(path: "model.json", digest: digest, bytes: 5)
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
