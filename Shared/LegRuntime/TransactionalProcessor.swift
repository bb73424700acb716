// SPDX-License-Identifier: Apache-2.0

public import Baton
public import Kafka
import Logging
public import Operations
public import ServiceLifecycle
import Synchronization

/// Folds records into state and outputs. Its functions are never called at the same time.
public protocol RecordProcessor: Sendable {
    /// Restores the state of partitions, before any of their records.
    func assigned(_ partitions: [TopicPartition]) async throws
    /// Forgets the state of partitions.
    func revoked(_ partitions: [TopicPartition]) async
    /// Folds a batch, or nothing but time, into outputs. Changes of state are provisional until `settle`.
    func process(_ records: [ConsumerRecord], now: Timestamp) async throws -> [ProducerRecord]
    /// The transaction of the last `process` was committed, or it was not: then its changes of state are to be
    /// forgotten, and the records come again.
    func settle(committed: Bool) async
}

/// A processor cannot go on; what it did since the last transaction is not committed and is done again.
public struct ProcessorFailure: DiagnosedError {
    /// The processor's name.
    public let processor: String
    /// What it ran into.
    public let cause: any Error

    /// What was wrong and where.
    public var reason: String { "the processor \(processor) failed: \(cause)" }
    /// What the operator can do.
    public var remedy: String { "start the process again: it continues from what is committed" }
}

/// Consume, fold, produce: outputs and consumed offsets in one transaction.
///
/// No timer delays a transaction; what arrives while one runs forms the next batch. An abortable error rewinds to the
/// committed offsets; anything worse ends the process.
public final class TransactionalProcessor: Service {
    private let context: ProcessContext
    private let plan: KafkaSession.Plan
    private let tick: Duration?
    private let clock: any WallClock
    private let processor: any RecordProcessor
    private let metrics: TransactionMetrics
    private let consumed: Counter
    private let offsets = OwnedOffsets()

    /// - Parameters:
    ///   - name: Tells this processor apart in the process: part of its transactional id and its readiness.
    ///   - topics: What to read; topics with the same number of partitions stay together.
    ///   - group: The consumer group.
    ///   - tick: `process([], now)` is called at least this often, while partitions are assigned.
    ///   - processor: What to do with the records.
    ///   - clock: The time of day.
    /// - Throws: `ConfigurationError`.
    public init(
        context: ProcessContext, name: String, topics: [String], group: String, tick: Duration?,
        processor: any RecordProcessor, clock: any WallClock = SystemClock()
    ) throws(ConfigurationError) {
        self.context = context
        self.tick = tick
        self.clock = clock
        self.processor = processor
        metrics = TransactionMetrics(context.metrics)
        consumed = context.metrics.counter("relay_records_consumed_total", help: "Records read from input topics.")
        plan = KafkaSession.Plan(
            part: name,
            group: ConsumerGroupConfiguration(
                group: group, instanceID: context.groupInstanceID, topics: topics,
                sessionTimeout: context.configuration.kafkaSessionTimeout),
            transactionalID: context.transactionalID(name),
            transactions: try TransactionSettings(context.configuration))
        context.readiness.set(false, for: name, reason: "not started yet")
    }

    /// Processes until the process shuts down.
    /// - Throws: `KafkaError` that only a new process can heal; what the processor throws.
    public func run() async throws {
        let handler = ProcessorRebalances(
            context: context, part: plan.part, group: plan.group.group, processor: processor, offsets: offsets)
        do {
            let session = try await cancelWhenGracefulShutdown { [context, plan] in
                try await KafkaSession.open(context, plan, rebalance: handler)
            }
            let ended = await Result { try await loop(session) }
            await session.close(context.logger)
            context.readiness.set(false, for: plan.part, reason: "stopped")
            try ended.get()
        } catch is CancellationError {
            guard Task.isShuttingDownGracefully else { throw CancellationError() }
        }
    }

    private func loop(_ session: KafkaSession) async throws {
        var backoff = Backoff()
        var failures = 0
        var lastTick = ContinuousClock.now
        while !Task.isShuttingDownGracefully {
            let wait = tick.map { max(.zero, min($0 - (ContinuousClock.now - lastTick), .seconds(1))) } ?? .seconds(1)
            do {
                let records = try await poll(session, wait)
                let isDue = tick.map { ContinuousClock.now - lastTick >= $0 } ?? false
                guard !records.isEmpty || (isDue && offsets.isOwner) else {
                    if isDue { lastTick = .now }
                    continue
                }
                lastTick = .now
                try await processOnce(records, session)
                if failures >= Self.alarmingFailures {
                    context.readiness.set(true, for: plan.part, reason: "transactions are committed again")
                }
                failures = 0
                backoff.reset()
            } catch let error as KafkaError where error.heals {
                context.logger.warning(
                    "a batch is not committed and is tried again",
                    metadata: ["processor": "\(plan.part)", "error": "\(error)"])
                failures += 1
                if failures == Self.alarmingFailures {
                    context.readiness.set(false, for: plan.part, reason: "nothing is committed: \(error.message)")
                }
                try await backoff.wait()
            }
        }
    }

    /// From this many failures in a row on, the processor is not ready.
    private static let alarmingFailures = 3

    private func poll(_ session: KafkaSession, _ wait: Duration) async throws -> [ConsumerRecord] {
        try await cancelWhenGracefulShutdown { [plan] in
            try await session.consumer.poll(maximum: plan.transactions.records, timeout: wait)
        }
    }

    /// Runs one transaction, or none when there is nothing to write.
    private func processOnce(_ records: [ConsumerRecord], _ session: KafkaSession) async throws {
        consumed.add(Double(records.count))
        let outputs: [ProducerRecord]
        do {
            outputs = try await processor.process(records, now: clock.now())
        } catch {
            throw ProcessorFailure(processor: plan.part, cause: error)
        }
        guard !records.isEmpty || !outputs.isEmpty else { return await processor.settle(committed: true) }
        let next = offsets.after(records)
        let begun = ContinuousClock.now
        do {
            let membership = GroupMembership(of: session.consumer)
            try await session.transactions.commit(outputs, offsets: next, membership: membership)
        } catch {
            metrics.aborted.add()
            await processor.settle(committed: false)
            if let error = error as? KafkaError, error.heals { try await rewind(session) }
            throw error
        }
        offsets.move(to: next)
        metrics.committed.add()
        metrics.seconds.record(ContinuousClock.now - begun)
        await processor.settle(committed: true)
    }

    /// Reads on from what is committed.
    private func rewind(_ session: KafkaSession) async throws {
        var backoff = Backoff()
        for attempt in 1... {
            do {
                return try await session.consumer.seek(offsets.starts)
            } catch let error as KafkaError {
                // Reading on without having rewound would skip records.
                guard error.heals, attempt < 10 else { throw ProcessorFailure(processor: plan.part, cause: error) }
                context.logger.warning("rewinding fails and is tried again", metadata: ["error": "\(error)"])
                try await backoff.wait()
            }
        }
    }
}
