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
            transactionTimeout: try TransactionSettings.timeout(context.configuration))
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
                backoff.reset()
            } catch let error as KafkaError where error.heals {
                context.logger.warning(
                    "a batch is not committed and is tried again",
                    metadata: ["processor": "\(plan.part)", "error": "\(error)"])
                try await backoff.wait()
            }
        }
    }

    private func poll(_ session: KafkaSession, _ wait: Duration) async throws -> [ConsumerRecord] {
        try await cancelWhenGracefulShutdown { try await session.consumer.poll(maximum: 1000, timeout: wait) }
    }

    /// Runs one transaction, or none when there is nothing to write.
    private func processOnce(_ records: [ConsumerRecord], _ session: KafkaSession) async throws {
        consumed.add(Double(records.count))
        let outputs = try await processor.process(records, now: clock.now())
        guard !records.isEmpty || !outputs.isEmpty else { return await processor.settle(committed: true) }
        let next = offsets.after(records)
        let begun = ContinuousClock.now
        do {
            let group = try await session.consumer.groupMetadata()
            try await session.transactions.commit(outputs, offsets: next, group: group)
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
            } catch let error as KafkaError where error.heals && attempt < 10 {
                context.logger.warning("rewinding fails and is tried again", metadata: ["error": "\(error)"])
                try await backoff.wait()
            }
        }
    }
}

/// The committed offsets of the partitions that are ours. Only we commit them, so they need not be asked for.
final class OwnedOffsets: Sendable {
    private let offsets = Mutex<[TopicPartition: Int64?]>([:])

    var isOwner: Bool { offsets.withLock { !$0.isEmpty } }

    func begin(_ partitions: [TopicPartition], committed: [CommittedOffset]) {
        let known = Dictionary(committed.map { ($0.topicPartition, $0.offset) }) { _, last in last }
        offsets.withLock { offsets in
            for partition in partitions { offsets.updateValue(known[partition], forKey: partition) }
        }
    }

    func end(_ partitions: [TopicPartition]) {
        offsets.withLock { offsets in
            for partition in partitions { offsets.removeValue(forKey: partition) }
        }
    }

    /// What to commit with a batch. Without records these are all offsets as they are, so that the transaction is
    /// fenced by the group's generation. A partition without an offset begins at 0, as `earliest` would.
    func after(_ records: [ConsumerRecord]) -> [CommittedOffset] {
        var next: [TopicPartition: Int64] = [:]
        for record in records { next[record.topicPartition] = record.offset + 1 }
        if records.isEmpty { next = offsets.withLock { $0.mapValues { $0 ?? 0 } } }
        return next.sorted { $0.key < $1.key }.map { CommittedOffset(topicPartition: $0.key, offset: $0.value) }
    }

    func move(to committed: [CommittedOffset]) {
        offsets.withLock { offsets in
            for offset in committed { offsets.updateValue(offset.offset, forKey: offset.topicPartition) }
        }
    }

    /// Where reading continues after a transaction that did not happen.
    var starts: [TopicPartition: StartPosition] {
        offsets.withLock { $0.mapValues { $0.map { .offset($0) } ?? .beginning } }
    }
}

/// Lets the processor restore and forget. No transaction is open: rebalances come from within `poll`.
private struct ProcessorRebalances: RebalanceHandler {
    let context: ProcessContext
    let part: String
    let group: String
    let processor: any RecordProcessor
    let offsets: OwnedOffsets

    func assigned(_ partitions: [TopicPartition], committed: [CommittedOffset]) async throws {
        context.readiness.set(false, for: part, reason: "restoring \(partitions.count) partitions")
        try await restore(partitions)
        offsets.begin(partitions, committed: committed)
        context.readiness.set(true, for: part, reason: "member of \(group)")
        context.logger.info(
            "partitions assigned", metadata: ["processor": "\(part)", "partitions": "\(partitions.count)"])
    }

    func revoked(_ partitions: [TopicPartition], lost: Bool) async {
        offsets.end(partitions)
        await processor.revoked(partitions)
        context.logger.info(
            "partitions revoked",
            metadata: ["processor": "\(part)", "partitions": "\(partitions.count)", "lost": "\(lost)"])
    }

    private func restore(_ partitions: [TopicPartition]) async throws {
        var backoff = Backoff(first: .milliseconds(100))
        while true {
            do {
                return try await processor.assigned(partitions)
            } catch let error as KafkaError where error.heals {
                context.logger.warning(
                    "restoring fails and is tried again", metadata: ["processor": "\(part)", "error": "\(error)"])
                try await backoff.wait()
            }
        }
    }
}
