// SPDX-License-Identifier: Apache-2.0

import Baton
import EmbeddedBroker
import Foundation
import Kafka
import Logging
import Operations
import ServiceLifecycle
import Synchronization

@testable import LegRuntime

/// A broker of a test's own, and what a test needs around it.
struct Bench: Sendable {
    let bootstrap: String
    let topics = Topics()
    let logger: Logger

    /// Runs a test against a new broker.
    static func with(
        configure: (inout BrokerConfiguration) -> Void = { _ in }, _ body: (Bench) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "relay-bench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var configuration = configuration(directory)
        configure(&configuration)
        let broker = EmbeddedBroker(configuration, logger: silent)
        let address = try await broker.start()
        let result = await Result { try await body(Bench(bootstrap: "\(address)", logger: silent)) }
        await broker.shutdown()
        try result.get()
    }

    static func configuration(_ directory: URL, port: Int = 0) -> BrokerConfiguration {
        var configuration = BrokerConfiguration(dataDirectory: directory.path, port: port)
        configuration.fsync = .never
        return configuration
    }

    static var silent: Logger {
        guard let level = ProcessInfo.processInfo.environment["RELAY_TEST_LOG"].flatMap({ Logger.Level(rawValue: $0) })
        else {
            return Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        }
        var logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }

    func context(
        _ instance: String, service: String = "pipeline", lane: RaceLane = .primary,
        environment: [String: String] = [:]
    ) throws -> ProcessContext {
        var logger = logger
        logger[metadataKey: "instance"] = "\(instance)"
        let own = [
            "RELAY_KAFKA_BOOTSTRAP_SERVERS": bootstrap, "RELAY_INSTANCE": instance, "RELAY_LANE": lane.rawValue,
            "RELAY_SHUTDOWN_GRACE": "0s",
            // Named instances are static members: the next one gets the partitions when this has passed.
            "RELAY_KAFKA_SESSION_TIMEOUT": "1s",
        ]
        return ProcessContext(
            configuration: try .load(
                service: service, arguments: ["test"], environment: own.merging(environment) { $1 }),
            logger: logger)
    }

    /// Runs services for one body and shuts them down gracefully.
    func running(_ services: any Service..., body: () async throws -> Void) async throws {
        let group = ServiceGroup(configuration: .init(services: services, logger: Self.silent))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let result = await Result { try await body() }
            await group.triggerGracefulShutdown()
            try result.get()
            try await tasks.waitForAll()
        }
    }

    func worker(_ instance: String, lane: RaceLane = .primary, _ work: any LegWork) throws -> LegWorker {
        try LegWorker(context: context(instance, lane: lane), work: work, topics: topics)
    }

    /// Writes records, each acknowledged.
    func write(_ records: [ProducerRecord]) async throws {
        let context = try context("writer")
        try await ensureTopics(context)
        let producer = try KafkaProducer(context.kafka, logger: logger)
        for record in records { _ = try await producer.send(record) }
        await producer.close(timeout: .seconds(5))
    }

    func assign(_ assignments: Assignment..., partition: Int32? = nil) async throws {
        try await write(
            assignments.map {
                var record = Sample.record($0, topics: topics)
                record.partition = partition
                return record
            })
    }

    /// Reads a topic from its beginning until `enough` says so.
    func read(_ topic: String, until enough: ([ConsumerRecord]) throws -> Bool) async throws -> [ConsumerRecord] {
        let reader = try PartitionReader(context("reader").kafka, logger: logger)
        let partitions = try await partitions(of: topic)
        let result = await Result<[ConsumerRecord], any Error> {
            var records: [ConsumerRecord] = []
            try await reader.readToEnd(partitions) { records += $0 }
            while try !enough(records) { records += try await reader.poll(maximum: 100, timeout: .seconds(1)) }
            return records
        }
        await reader.close()
        return try result.get()
    }

    /// All handoffs, at least `count` of them.
    func handoffs(_ count: Int) async throws -> [Handoff] {
        try await read(topics.batonEvents) { $0.count >= count }.map { try Handoff.read($0.cloudEvent()) }
    }

    func partitions(of topic: String) async throws -> [TopicPartition] {
        let context = try context("admin")
        try await ensureTopics(context)
        let admin = try KafkaAdmin(context.kafka, logger: logger)
        let found = await Result { try await admin.topics() }
        await admin.close()
        return try found.get().filter { $0.name == topic }.flatMap(\.topicPartitions)
    }
}

/// Work made of a closure; counts what it was asked to do.
final class ScriptedWork: LegWork {
    typealias Script = @Sendable (Assignment, WorkContext) async throws -> Results

    let leg: Leg
    private let script: Script
    private let asked = Mutex<[AttemptKey]>([])
    private let (events, event) = AsyncStream.makeStream(of: AttemptKey.self)

    init(_ leg: Leg = .pipeline, _ script: @escaping Script = { _, _ in Results() }) {
        self.leg = leg
        self.script = script
    }

    func perform(_ assignment: Assignment, _ context: WorkContext) async throws -> Results {
        asked.withLock { $0.append(assignment.key) }
        event.yield(assignment.key)
        return try await script(assignment, context)
    }

    var performed: [AttemptKey] { asked.withLock { $0 } }

    /// Waits for the next call. For one waiter alone.
    func nextCall() async -> AttemptKey? { await events.first { _ in true } }
}

/// Waits until the task is cancelled.
func untilCancelled() async throws -> Results {
    for await _ in AsyncStream<Never>.makeStream().stream {}
    throw CancellationError()
}

extension Readiness {
    /// Waits until the process is ready.
    func untilReady() async throws {
        guard await changes.first(where: { $0 }) == nil else { return }
        throw CancellationError()
    }
}
