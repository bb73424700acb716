// SPDX-License-Identifier: Apache-2.0

import Baton
import CLibrdkafka
import Foundation
import Kafka
import LegRuntime
import Logging
import Operations
import Synchronization

/// Reads the race from outside, committed records only, and stamps each record when it has come.
final class Spectator: Sendable {
    /// One committed record about a baton.
    struct Sight: Sendable {
        var at: UInt64
        var topic: String
        var baton: String
        var value: [UInt8]
    }

    /// What is looked at in a value.
    struct Fact: Decodable {
        var action: String?
        var duty: String?
        var lane: String?
        var attempt: Int?
    }

    static let topics = Topics()

    let sights: AsyncStream<Sight>
    private let continuation: AsyncStream<Sight>.Continuation
    private let isOver = Atomic(false)
    private let producer: KafkaProducer

    init(_ servers: String) throws {
        (sights, continuation) = AsyncStream.makeStream(of: Sight.self)
        producer = try KafkaProducer(
            KafkaConfiguration(bootstrapServers: [servers], clientID: "bench"),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    }

    /// All topics on which a step of a race is seen.
    static let everyStep = [topics.journal, topics.batonEvents, topics.progress] + Leg.allCases.map(topics.leg)

    /// Reads until `close`; ends the stream when it fails.
    func watch(_ servers: String, _ topics: [String]) async throws {
        defer { continuation.finish() }
        try await onThreadOfItsOwn { [self] in
            let reader = try RawReader(servers, topics: topics)
            while !isOver.load(ordering: .relaxed) {
                let sight = try reader.next(withinMilliseconds: 100) { message in
                    Sight(
                        at: monotonicNanoseconds(), topic: message.pointee.topicName, baton: message.pointee.keyText,
                        value: Array(message.pointee.valueBytes))
                }
                if let sight { continuation.yield(sight) }
            }
        }
    }

    func close() async {
        isOver.store(true, ordering: .relaxed)
        await producer.close(timeout: .seconds(1))
    }

    /// Publishes a request to the inbox.
    /// - Returns: The baton that it becomes, and when it was given to Kafka's client.
    func request(_ id: String) async throws -> (baton: String, at: UInt64) {
        let request = ReleaseRequest(project: .init(directory: "/bench"), model: "bench", requester: "bench")
        let event = CloudEvent(
            id: id, source: "bench", type: EventType.releaseRequested, dataContentType: "application/json",
            data: Array(try JSONEncoder().encode(request)))
        let baton = BatonID(source: "bench", id: id).description
        let at = monotonicNanoseconds()
        _ = try await producer.send(event.record(topic: Self.topics.inbox, key: baton))
        return (baton, at)
    }
}

extension Spectator.Sight {
    /// The value's facts; a record that is no JSON is none of the suite's.
    func fact() throws -> Spectator.Fact { try JSONDecoder().decode(Spectator.Fact.self, from: Data(value)) }
}

extension Spectator {
    /// Watches a track while `body` runs.
    static func with<Value: Sendable>(
        _ servers: String, _ topics: [String] = everyStep,
        _ body: (Spectator, inout AsyncStream<Sight>.AsyncIterator) async throws -> Value
    ) async throws -> Value {
        let spectator = try Spectator(servers)
        async let watching: Void = spectator.watch(servers, topics)
        var sights = spectator.sights.makeAsyncIterator()
        let result = await Result { try await body(spectator, &sights) }
        await spectator.close()
        try await watching
        return try result.get()
    }
}

extension AsyncStream<Spectator.Sight>.AsyncIterator {
    /// The next record about a baton that `wanted` takes, which reads a record's facts only if it has to: the race is
    /// on, and has to share the processor with whoever watches.
    mutating func next<Value>(
        of baton: String, _ wanted: (Spectator.Sight, () throws -> Spectator.Fact) throws -> Value?
    ) async throws -> Value {
        while let sight = await next() {
            guard sight.baton == baton else { continue }
            if let value = try wanted(sight, sight.fact) { return value }
        }
        throw BenchFailure("nothing more is seen of baton \(baton)")
    }
}
