// SPDX-License-Identifier: Apache-2.0

public import Kafka
import Logging
public import Operations
public import ServiceLifecycle

/// Follows topics without a group, folding committed records into a view: for screens, releases, books. What is new
/// comes within a tenth of a second, many records at once.
public final class TopicFollower: Service {
    /// Where to begin.
    public enum Start: Sendable {
        /// At the oldest record kept.
        case beginning
        /// Behind the newest record at the time of the start.
        case end
    }

    private let context: ProcessContext
    private let topics: [String]
    private let start: Start
    private let each: @Sendable ([ConsumerRecord]) async -> Void
    private let caughtUp: @Sendable () async -> Void

    /// - Parameters:
    ///   - topics: Must exist before anything is read; until then it waits.
    ///   - start: Where to begin.
    ///   - each: Takes records in the order of their partition.
    ///   - caughtUp: Called once, when everything that was there at the start has been given to `each`.
    public init(
        context: ProcessContext, topics: [String], from start: Start,
        each: @escaping @Sendable ([ConsumerRecord]) async -> Void,
        caughtUp: @escaping @Sendable () async -> Void = {}
    ) {
        self.context = context
        self.topics = topics
        self.start = start
        self.each = each
        self.caughtUp = caughtUp
        context.readiness.set(false, for: part, reason: "not started yet")
    }

    private var part: String { "follower of " + topics.joined(separator: ", ") }

    /// Follows until the process shuts down.
    /// - Throws: `KafkaError` that only a new process can heal.
    public func run() async throws {
        let reader = try PartitionReader(context.kafka, logger: context.logger, gathers: true)
        let ended = await Result { try await cancelWhenGracefulShutdown { try await self.follow(reader) } }
        // It has nothing to hand back: a client that is busy with a broker that is gone ends by itself.
        _ = await hasEnded(within: .milliseconds(200)) { await reader.close() }
        do { try ended.get() } catch is CancellationError where Task.isShuttingDownGracefully {}
    }

    private func follow(_ reader: PartitionReader) async throws {
        let ends = try await begin(reader)
        var hasCaughtUp = false
        var backoff = Backoff()
        while true {
            if !hasCaughtUp, start == .end || reader.hasReached(ends) {
                hasCaughtUp = true
                context.readiness.set(true, for: part, reason: "caught up")
                await caughtUp()
            }
            do {
                let records = try await reader.poll(maximum: 1000, timeout: .seconds(hasCaughtUp ? 1 : 0.1))
                if !records.isEmpty { await each(records) }
                backoff.reset()
            } catch let error as KafkaError where error.heals {
                context.logger.warning("following fails and is tried again", metadata: ["error": "\(error)"])
                try await backoff.wait()
            }
        }
    }

    /// Waits for the topics and sets the starts.
    /// - Returns: The ends at the start.
    private func begin(_ reader: PartitionReader) async throws -> [TopicPartition: Int64] {
        let (context, topics, start) = (context, topics, start)
        return try await context.persistently(part, "find \(topics.joined(separator: ", "))") {
            let partitions = try await Self.partitions(of: topics, context)
            let ends = try await reader.endOffsets(partitions)
            // The end as an offset: what is written between this look and the first fetch must not be skipped.
            try await reader.assign(
                Dictionary(
                    partitions.map { partition in
                        (partition, start == .beginning ? .beginning : ends[partition].map { .offset($0) } ?? .end)
                    }
                ) { first, _ in first })
            let beginnings = try await reader.beginningOffsets(partitions)
            return ends.filter { $0.value > beginnings[$0.key] ?? 0 }
        }
    }

    private static func partitions(of topics: [String], _ context: ProcessContext) async throws -> [TopicPartition] {
        let admin = try KafkaAdmin(context.kafka, logger: context.logger)
        let found = await Result { try await admin.topics() }
        await admin.close()
        let wanted = try found.get().filter { topics.contains($0.name) }
        let missing = Set(topics).subtracting(wanted.map(\.name)).sorted()
        guard missing.isEmpty else {
            throw KafkaError(
                code: .unknownTopicOrPartition, operation: "find topics",
                message: "\(missing.joined(separator: ", ")) does not exist yet", isRetriable: true)
        }
        return wanted.flatMap(\.topicPartitions)
    }
}
