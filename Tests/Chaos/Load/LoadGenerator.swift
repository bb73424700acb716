// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Kafka
import Logging
import Operations
import Synchronization

/// Sends what a plan says, each until it is acknowledged, and remembers what was.
final class LoadGenerator: Sendable {
    /// What was acknowledged, and so must not be lost.
    struct Sent: Sendable {
        /// When each well-formed request was first sent.
        var begun: [BatonID: ContinuousClock.Instant] = [:]
        /// Batons whose request was acknowledged.
        var accepted: Set<BatonID> = []
        /// The keys of acknowledged records by their place, as the producer was told.
        var places: [RecordAddress: String] = [:]
        var sendings = 0
        var malformed = 0
        var cancels = 0
        /// What nobody acknowledged in time.
        var unacknowledged: [String] = []
    }

    private let plan: LoadPlan
    private let requests: Requests
    private let arena: Arena
    private let producer: KafkaProducer
    private let sent = Mutex(Sent())
    /// How long a sender goes on trying.
    private let patience: Duration

    init(_ plan: LoadPlan, _ requests: Requests, _ arena: Arena, patience: Duration) throws {
        self.plan = plan
        self.requests = requests
        self.arena = arena
        self.patience = patience
        producer = try KafkaProducer(
            KafkaConfiguration(bootstrapServers: ["127.0.0.1:\(arena.outside.port)"], clientID: "chaos-load"),
            logger: .silent)
    }

    var report: Sent { sent.withLock { $0 } }

    /// Sends everything, and returns when all is acknowledged or given up.
    func run(from start: ContinuousClock.Instant) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for arrival in plan.arrivals {
                group.addTask {
                    try await ContinuousClock().sleep(until: start + arrival.time)
                    try await self.send(arrival)
                }
            }
            try await group.waitForAll()
        }
    }

    func close() async { await producer.close(timeout: .seconds(1)) }

    private func send(_ arrival: LoadPlan.Arrival) async throws {
        switch arrival.content {
        case .malformed(let malformation):
            if try await write(requests.malformed(arrival, malformation)) { sent.withLock { $0.malformed += 1 } }
        case .request(let ways): try await send(arrival, ways)
        case .belowFloor, .stranger: try await send(arrival, [.http])
        case .cancelled(let delay):
            try await send(arrival, [.kafka])
            try await ContinuousClock().sleep(for: delay)
            try await cancel(requests.baton(arrival))
        }
    }

    private func send(_ arrival: LoadPlan.Arrival, _ ways: [LoadPlan.Way]) async throws {
        let baton = requests.baton(arrival)
        sent.withLock { $0.begun[baton] = .now }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for way in ways {
                group.addTask {
                    switch way {
                    case .kafka: try await self.write(self.requests.record(arrival))
                    case .http: try await self.post(self.requests.event(arrival))
                    }
                }
            }
            for try await isAccepted in group where isAccepted { sent.withLock { _ = $0.accepted.insert(baton) } }
        }
    }

    // MARK: Ways

    /// Writes a record; a producer that gives up is asked again, and then the record may be there twice.
    private func write(_ record: ProducerRecord) async throws -> Bool {
        let key = String(decoding: record.key ?? [], as: UTF8.self)
        return try await untilAcknowledged(key) {
            do {
                let address = try await producer.send(record)
                sent.withLock { $0.places[address] = key }
                return true
            } catch is KafkaError {
                return false
            }
        }
    }

    private func post(_ event: CloudEvent) async throws -> Bool {
        try await untilAcknowledged(event.id) {
            guard let captain = arena.url(of: Cast.captain) else { return false }
            let headers = [
                "ce-specversion": "1.0", "ce-id": event.id, "ce-source": event.source, "ce-type": event.type,
            ]
            do {
                let answer = try await HTTPClient(timeout: .seconds(7)).post(
                    captain + "/events", body: event.data ?? [], headers: headers)
                if answer.status == 400 { throw ChaosFailure("the captain refused \(event.id): \(answer.text)") }
                return answer.status == 202
            } catch is HTTPClientError {
                return false
            }
        }
    }

    /// Calls a baton off, unless it has ended or nobody answers.
    private func cancel(_ baton: BatonID) async throws {
        _ = try await untilAcknowledged("cancel \(baton)", counts: false) {
            guard let captain = arena.url(of: Cast.captain) else { return false }
            do {
                let answer = try await HTTPClient(timeout: .seconds(7)).post(
                    "\(captain)/batons/\(baton)/cancel", body: Array(#"{"by":"chaos","reason":"called off"}"#.utf8))
                if answer.status == 202 { sent.withLock { $0.cancels += 1 } }
                return answer.status == 202 || answer.status == 409
            } catch is HTTPClientError {
                return false
            }
        }
    }

    private func untilAcknowledged(
        _ what: String, counts: Bool = true, _ attempt: () async throws -> Bool
    ) async throws -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + patience
        repeat {
            sent.withLock { $0.sendings += 1 }
            if try await attempt() { return true }
            try await clock.sleep(for: .milliseconds(200))
        } while clock.now < end
        if counts { sent.withLock { $0.unacknowledged.append(what) } }
        return false
    }
}

extension Logger {
    /// librdkafka tells of every broken connection, and here they all break.
    static let silent = Logger(label: "chaos") { _ in SwiftLogNoOpLogHandler() }
}
