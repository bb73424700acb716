// SPDX-License-Identifier: Apache-2.0

public import Baton
import Kafka
import Logging
public import Operations
public import ServiceLifecycle
import Synchronization

/// Does the assignments of one leg in one lane, exactly once as seen by readers of committed records.
///
/// It reads the leg's topic in the group of its lane, runs assignments of its lane concurrently outside any
/// transaction, and hands off in transactions: handoff, journal entries, usage, and the consumed offsets with the map
/// of what is finished above them. A newer attempt of the same baton and duty, in any lane, cancels the older one.
///
/// Four activities share a `WorkDesk`: the poll loop, which never waits for work; the work, in tasks that the desk
/// owns; the committer, which runs a transaction as soon as there is something to commit; and a thread that reports
/// progress.
public final class LegWorker: Service {
    let context: ProcessContext
    let logger: Logger
    let work: any LegWork
    let topics: Topics
    let settings: LegWorkerSettings
    let clock: any WallClock
    let metrics: LegMetrics
    let desk: WorkDesk
    let progress: ProgressReporter
    let streak: AbortStreak
    let gate = TransactionGate()
    /// Names this worker among the parts of the process.
    let part: String
    /// Set while connected; ends the cycle of consumer, handler and worker when it is taken away.
    let session = Mutex<KafkaSession?>(nil)
    /// The first error that a revocation ran into; the poll loop ends with it.
    let failure = Mutex<(any Error)?>(nil)

    /// - Parameters:
    ///   - context: Configuration, log, metrics, readiness of the process.
    ///   - work: What the leg does.
    ///   - topics: The names of all topics.
    ///   - clock: The time of day.
    /// - Throws: `ConfigurationError`.
    public init(
        context: ProcessContext, work: any LegWork, topics: Topics, clock: any WallClock = SystemClock()
    ) throws(ConfigurationError) {
        settings = try LegWorkerSettings(context.configuration)
        var logger = context.logger
        logger[metadataKey: "leg"] = "\(work.leg.rawValue)"
        logger[metadataKey: "lane"] = "\(settings.lane.rawValue)"
        self.context = context
        self.logger = logger
        self.work = work
        self.topics = topics
        self.clock = clock
        part = "\(work.leg.rawValue)-worker"
        metrics = LegMetrics(context.metrics)
        streak = AbortStreak(part: part, limit: settings.transactions.aborts, metrics: metrics.transactions)
        let desk = WorkDesk(
            lane: settings.lane, limits: .init(running: settings.workLimit, offsetTextBytes: settings.offsetTextBytes))
        self.desk = desk
        progress = ProgressReporter(interval: settings.progressInterval)
        context.metrics.observe("relay_work_running", help: "Assignments that run now.") {
            Double(desk.load.running)
        }
        context.metrics.observe("relay_work_waiting", help: "Assignments taken that wait for a slot.") {
            Double(desk.load.queued)
        }
        context.readiness.set(false, for: part, reason: "not started yet")
    }

    /// Works until the process shuts down.
    /// - Throws: `KafkaError` that only a new process can heal.
    public func run() async throws {
        let reports = try KafkaProducer(context.kafka, logger: logger)
        do {
            try await cancelWhenGracefulShutdown { try await self.connect() }
        } catch is CancellationError {
            await reports.close(timeout: .zero)
            if Task.isShuttingDownGracefully { return }
            throw CancellationError()
        }
        progress.start()
        let ended = await Result { try await serve(reports) }
        desk.cancelAll()
        progress.stop()
        if let session = session.withLock({ $0 }) { await session.close(after: ended) }
        session.withLock { $0 = nil }
        await reports.close(timeout: .milliseconds(500))
        context.readiness.set(false, for: part, reason: "stopped")
        try ended.get()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private func connect() async throws {
        let plan = KafkaSession.Plan(
            part: part,
            group: ConsumerGroupConfiguration(
                group: topics.group(work.leg, settings.lane), instanceID: context.groupInstanceID,
                topics: [topics.leg(work.leg)], sessionTimeout: context.configuration.kafkaSessionTimeout,
                // Work goes on in partitions that stay when members come and go.
                assignmentStrategy: "cooperative-sticky"),
            transactionalID: context.transactionalID(), transactions: settings.transactions)
        let opened = try await KafkaSession.open(context, plan, rebalance: LegRebalances(worker: self))
        session.withLock { $0 = opened }
    }

    /// Runs the loops until the drain has ended or one of them fails.
    private func serve(_ reports: KafkaProducer) async throws {
        guard let session = session.withLock({ $0 }) else { return }
        let watcher = LagWatcher(context, part: part, settings: settings.stalls) { [desk] in
            desk.standings(read: session.consumer.read)
        }
        try await withThrowingTaskGroup(of: Void.self) { loops in
            loops.addTask { try await watcher.run() }
            loops.addTask { try await self.read(session, reports) }
            loops.addTask { try await self.commit(session) }
            loops.addTask { try await self.sweep(session) }
            loops.addTask { try await self.drain(session) }
            loops.addTask { try await reports.untilFatal() }
            defer { loops.cancelAll() }
            try await loops.next()
            loops.cancelAll()
            do { while try await loops.next() != nil {} } catch is CancellationError {}
        }
    }

    /// Waits for the shutdown; then lets running work end for a while, cancels the rest, and commits what is finished.
    private func drain(_ session: KafkaSession) async throws {
        try await gracefulShutdown()
        context.readiness.set(false, for: part, reason: "shutting down")
        desk.stopTaking()
        let desk = desk
        if await !hasEnded(within: settings.grace, { await desk.waitUntilIdle() }) {
            logger.notice(
                "running work is stopped; it will be done again", metadata: ["running": "\(desk.load.running)"])
            desk.cancelAll()
            _ = await hasEnded(within: .seconds(1)) { await desk.waitUntilIdle() }
        }
        do {
            while try await handOff(session) {}
        } catch let error as KafkaError where error.heals {
            logger.warning("finished work is not handed off and will be done again", metadata: ["error": "\(error)"])
        }
    }
}

extension Result where Failure == any Error {
    /// What asynchronous work returned or threw.
    init(_ work: () async throws -> Success) async {
        do { self = .success(try await work()) } catch { self = .failure(error) }
    }
}
