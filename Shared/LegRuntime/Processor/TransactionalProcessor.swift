// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Logging
public import Operations
public import ServiceLifecycle
import Synchronization

/// Consume, fold, produce: outputs and consumed offsets in one transaction.
///
/// No timer delays a transaction; what arrives while one runs forms the next batch. A batch that leads to nothing has
/// no transaction of its own, for which the next batch would wait: its offsets go with the next one, or after a while.
/// An abortable error rewinds to before its batch; anything worse, or too many of them in a row, ends the process. A
/// record that cannot be processed goes to the dead letters, in the transaction that moves past it; `RecordIsolation`
/// says how it is found. Too many of those in a row end the process, too.
public final class TransactionalProcessor: Service {
    let context: ProcessContext
    let plan: KafkaSession.Plan
    let tick: Duration?
    let clock: any WallClock
    let processor: any RecordProcessor
    let metrics: TransactionMetrics
    let consumed: Counter
    let deadLetters: Counter
    let streak: AbortStreak
    let poison: PoisonStreak
    let stalls: StallSettings
    let offsets = OwnedOffsets()
    let drainLimit: Duration

    /// - Parameters:
    ///   - name: Tells this processor apart in the process: part of its transactional id and its readiness.
    ///   - topics: What to read; topics with the same number of partitions stay together.
    ///   - group: The consumer group.
    ///   - tick: `process([], now)` is called at least this often, while partitions are assigned and the
    ///     processor `isTiming`, else once a second.
    ///   - drainLimit: When the process shuts down, what its topics hold by then is processed, for this long at most.
    ///   - processor: What to do with the records.
    ///   - clock: The time of day.
    /// - Throws: `ConfigurationError`.
    public init(
        context: ProcessContext, name: String, topics: [String], group: String, tick: Duration?,
        drainLimit: Duration = .zero, processor: any RecordProcessor, clock: any WallClock = SystemClock()
    ) throws(ConfigurationError) {
        self.drainLimit = drainLimit
        self.context = context
        self.tick = tick
        self.clock = clock
        self.processor = processor
        let transactions = try TransactionSettings(context.configuration)
        metrics = TransactionMetrics(context.metrics)
        streak = AbortStreak(part: name, limit: transactions.aborts, metrics: metrics)
        poison = PoisonStreak(part: name, limit: transactions.poisonStreak)
        deadLetters = context.metrics.counter("relay_dead_letters_total", help: LegMetrics.deadLettersHelp)
        stalls = try StallSettings(context.configuration)
        consumed = context.metrics.counter("relay_records_consumed_total", help: "Records read from input topics.")
        plan = KafkaSession.Plan(
            part: name,
            group: ConsumerGroupConfiguration(
                group: group, instanceID: context.groupInstanceID, topics: topics,
                sessionTimeout: context.configuration.kafkaSessionTimeout),
            transactionalID: context.transactionalID(name),
            transactions: transactions)
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
            let ended = await Result { try await serve(session) }
            await session.close(after: ended)
            context.readiness.set(false, for: plan.part, reason: "stopped")
            try ended.get()
        } catch is CancellationError {
            guard Task.isShuttingDownGracefully else { throw CancellationError() }
        }
    }

    /// Runs the loop, and watches that it moves.
    private func serve(_ session: KafkaSession) async throws {
        let watcher = LagWatcher(context, part: plan.part, settings: stalls) { [offsets] in
            offsets.standings(read: session.consumer.read)
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            // A processor that hangs must not keep the process from ending.
            tasks.addTask { try await escapable { try await self.loop(session) } }
            tasks.addTask { try await watcher.run() }
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }

    private func loop(_ session: KafkaSession) async throws {
        var backoff = Backoff()
        var occasions = Occasions(tick: tick, sweepDelay: stalls.sweepDelay)
        var holding = HeldPartitions()
        while !Task.isShuttingDownGracefully {
            try Task.checkCancellation()
            do {
                // Who owns nothing yet may be given what has to be timed at once.
                let isTiming = offsets.isOwner ? await processor.isTiming : true
                let polled = try await poll(session, occasions.wait(at: .now, isTiming: isTiming))
                // Asked after the poll, in which partitions may have come.
                let records = await holding.keepBack(
                    await processor.heldBack, of: polled, offsets, session.consumer)
                let isTick = occasions.takeTick(at: .now, hasRecords: !records.isEmpty)
                if !records.isEmpty {
                    try await takeBatch(records, session)
                } else if isTick, offsets.isOwner {
                    try await tickOnce(session)
                }
                if occasions.isSweep(at: .now, isBehind: offsets.isBehind) { try await sweep(session) }
                backoff.reset()
            } catch let error as KafkaError where error.heals {
                context.logger.warning(
                    "a batch is not committed and is tried again",
                    metadata: ["processor": "\(plan.part)", "error": "\(error)"])
                try await backoff.wait()
            }
        }
        if drainLimit > .zero { try await drain(session, &holding) }
    }

    /// Processes what the topics hold now: nothing that was told before the shutdown waits for the next start.
    private func drain(_ session: KafkaSession, _ holding: inout HeldPartitions) async throws {
        let deadline = ContinuousClock.now + drainLimit
        do {
            let held = await processor.heldBack
            let partitions = offsets.standings(read: [:]).map(\.partition).filter { !held.contains($0) }
            let ends = try await ends(of: partitions)
            while ContinuousClock.now < deadline, !offsets.haveReached(ends, read: session.consumer.read) {
                let polled = try await session.consumer.poll(
                    maximum: plan.transactions.records, timeout: .milliseconds(100), readsAhead: true)
                let records = await holding.keepBack(
                    await processor.heldBack, of: polled, offsets, session.consumer)
                if !records.isEmpty { try await takeBatch(records, session, isDraining: true) }
            }
        } catch let error as KafkaError where error.heals {
            context.logger.warning(
                "what is left is processed at the next start",
                metadata: ["processor": "\(plan.part)", "error": "\(error)"])
        }
    }

    private func ends(of partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        let admin = try KafkaAdmin(context.kafka, logger: context.logger)
        let found = await Result { try await admin.endOffsets(partitions) }
        await admin.close()
        return try found.get()
    }

    private func poll(_ session: KafkaSession, _ wait: Duration) async throws -> [ConsumerRecord] {
        try await cancelWhenGracefulShutdown { [plan] in
            try await session.consumer.poll(maximum: plan.transactions.records, timeout: wait, readsAhead: true)
        }
    }
}
