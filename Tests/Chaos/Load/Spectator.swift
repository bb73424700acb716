// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Logging
import Operations
import Synchronization

/// Follows the race from outside as it goes, and plays requests to releases while they are watched.
final class Spectator: Sendable {
    private let reader: PartitionReader
    private let topics = Topics()
    private let tally = Mutex(Tally())
    private let traffic: [[UInt8]]
    private let endpoints: AsyncStream<(model: String, endpoint: String)>
    private let announce: AsyncStream<(model: String, endpoint: String)>.Continuation

    /// - Parameter traffic: bodies of inference requests.
    init(port: Int, traffic: [[UInt8]]) throws {
        self.traffic = traffic
        reader = try PartitionReader(
            KafkaConfiguration(bootstrapServers: ["127.0.0.1:\(port)"], clientID: "chaos-spectator"), logger: .silent)
        (endpoints, announce) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(32))
    }

    var seen: Tally { tally.withLock { $0 } }

    /// Follows until it is cancelled.
    func run() async throws {
        let partitions = [topics.journal, topics.batons].flatMap { topic in
            (0..<Int32(8)).map { TopicPartition(topic: topic, partition: $0) }
        }
        try await reader.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.follow() }
            group.addTask { try await self.play() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    func close() async { await reader.close() }

    private func follow() async throws {
        while true {
            do {
                for record in try await reader.poll(maximum: 1000, timeout: .seconds(1)) { try hear(record) }
            } catch let error as KafkaError where error.isRetriable {
                try await ContinuousClock().sleep(for: .milliseconds(200))
            }
        }
    }

    private func hear(_ record: ConsumerRecord) throws {
        let event = try CloudEvent(
            kafkaHeaders: record.headers.map { (name: $0.name, value: $0.value) }, value: record.value)
        if record.topic == topics.journal {
            let entry = try JournalEntry.read(event)
            tally.withLock { $0.hear(entry, at: .now) }
        } else {
            let state = try BatonState.read(event)
            tally.withLock { $0.hear(state, at: .now) }
            if state.current?.duty == .watch, let endpoint = state.results.rollout?.endpoint {
                announce.yield((state.request.model, endpoint))
            }
        }
    }

    private func play() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for await (model, endpoint) in endpoints { group.addTask { try await self.play(model, endpoint) } }
        }
    }

    /// A few requests, spread over the time for which a release is watched.
    private func play(_ model: String, _ endpoint: String) async throws {
        for body in traffic {
            // Answers are not needed here: routers die in this race.
            _ = try? await HTTPClient(timeout: .milliseconds(500)).post(
                "\(endpoint)/v2/models/\(model)/infer", body: body)
            try await ContinuousClock().sleep(for: .milliseconds(250))
        }
    }
}
