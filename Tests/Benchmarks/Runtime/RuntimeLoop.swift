// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Kafka
import LegRuntime
import Logging
import Operations
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The suite's own runtime with a processor that writes each record on.
struct RuntimeLoop: Sendable {
    let job: Job

    /// Runs until enough was measured or the input is used up; nil for `seconds`: until the process is told to stop.
    func run(measuring: Bool) async throws -> ContenderReport {
        let processor = PassingOn(job: job, measuring: measuring)
        let service = try TransactionalProcessor(
            context: context(), name: "bench", topics: [job.input], group: job.name, tick: nil, processor: processor)
        let group = ServiceGroup(
            configuration: .init(
                services: [service], gracefulShutdownSignals: [.sigterm], logger: Self.quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                await processor.finished()
                await group.triggerGracefulShutdown()
            }
            try await tasks.next()
            tasks.cancelAll()
        }
        return processor.report
    }

    private func context() throws -> ProcessContext {
        let inherited = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("RELAY_") }
        let environment = inherited.merging([
            "RELAY_KAFKA_BOOTSTRAP_SERVERS": job.servers, "RELAY_TOPIC_PREFIX": "bench.", "RELAY_INSTANCE": job.name,
            "RELAY_TRANSACTION_RECORDS": "\(job.perTransaction)", "RELAY_TRANSACTION_PRODUCERS": "\(job.producers)",
        ]) { $1 }
        return ProcessContext(
            configuration: try .load(service: "bench", arguments: ["relay-bench"], environment: environment),
            logger: Self.quiet)
    }

    private static var quiet: Logger {
        var logger = Logger(label: "runtime") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        return logger
    }
}

/// Writes each record on, and counts what was committed.
private final class PassingOn: RecordProcessor {
    private struct State {
        var meter: CommitMeter
        var pending = 0
        var consumed = 0
    }

    private let job: Job
    private let measuring: Bool
    private let state: Mutex<State>
    private let (ends, end) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))

    init(job: Job, measuring: Bool) {
        self.job = job
        self.measuring = measuring
        state = Mutex(State(meter: CommitMeter(seconds: job.seconds)))
    }

    var report: ContenderReport { state.withLock { $0.meter.report } }

    func finished() async { for await _ in ends { return } }

    func assigned(_ partitions: [TopicPartition]) async throws {}
    func revoked(_ partitions: [TopicPartition]) async {}

    func process(_ records: [ConsumerRecord], now: Timestamp) async throws -> Outputs {
        state.withLock { $0.pending = records.count }
        let (taken, output, stamps) = (monotonicNanoseconds(), job.output, job.stamps)
        return Outputs(
            records.map { record in
                var value = record.value
                if stamps, value != nil { Stamps.write(taken, at: .taken, into: &value!) }
                return ProducerRecord(topic: output, key: record.key, value: value)
            })
    }

    func settle(committed: Bool) async {
        guard committed else { return }
        let isOver = state.withLock { state in
            state.consumed += state.pending
            return state.meter.committed(state.pending) || state.consumed >= job.available
        }
        if measuring, isOver { end.yield() }
    }
}
