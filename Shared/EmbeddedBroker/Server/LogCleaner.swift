// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Keeps the logs within their bounds, in the background: checkpoints, retention, compaction, expiry.
///
/// Decisions and changes of state are made on the broker's loop; what reads or writes much runs on one thread of its
/// own, so that requests do not wait for it. Confined to the broker's loop.
final class LogCleaner {
    /// Tells work on the thread that the broker is about to stop.
    private final class StopFlag: Sendable {
        let isSet = Atomic<Bool>(false)
    }

    /// A checkpoint follows this many bytes of batches: as much is read again at most after a crash.
    private static let checkpointBytes = 4 << 20
    /// In a pass, fewer are enough.
    private static let restingCheckpointBytes = 256 << 10

    private unowned let broker: Broker
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let stopFlag = StopFlag()
    private var isRunning = false
    private var timer: Scheduled<Void>?
    private var lastRetention = NIODeadline.now()
    private var passes: EventLoopFuture<Void>
    /// Logs whose compaction failed in a way that the next pass would meet again.
    private var uncompactable: Set<TopicPartition> = []

    init(broker: Broker) {
        self.broker = broker
        passes = broker.loop.makeSucceededVoidFuture()
    }

    // MARK: Life

    func start() {
        pool.start()
        isRunning = true
        schedule()
    }

    private func schedule() {
        guard isRunning else { return }
        timer = broker.loop.assumeIsolated().scheduleTask(in: TimeAmount(broker.configuration.cleaningInterval)) {
            [unowned self] in
            let isRetentionDue = NIODeadline.now() - lastRetention >= TimeAmount(broker.configuration.retentionInterval)
            pass(withRetention: isRetentionDue).assumeIsolated().whenComplete { [weak self] _ in self?.schedule() }
        }
    }

    /// Waits for what is under way, and writes a checkpoint of every log that has grown since its last.
    func stop() -> EventLoopFuture<Void> {
        guard isRunning else { return broker.loop.makeSucceededVoidFuture() }
        isRunning = false
        timer?.cancel()
        stopFlag.isSet.store(true, ordering: .relaxed)
        let done = broker.loop.makePromise(of: Void.self)
        passes.assumeIsolated().whenComplete { [self] _ in
            let partitions = broker.storageFailure == nil ? broker.partitions : []
            EventLoopFuture.andAllComplete(partitions.map { checkpoint($0, bytes: 1) }, on: broker.loop)
                .assumeIsolated().whenComplete { [pool] _ in
                    // The promise is the loop's, so what waits for it goes on there.
                    pool.shutdownGracefully { _ in done.succeed() }
                }
        }
        return done.futureResult
    }

    private func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) -> EventLoopFuture<Value> {
        pool.runIfActive(eventLoop: broker.loop, work)
    }

    // MARK: A pass

    /// Looks after everything once; passes do not overlap.
    func pass(withRetention: Bool = true) -> EventLoopFuture<Void> {
        if withRetention { lastRetention = .now() }
        passes = passes.assumeIsolated().flatMap { [unowned self] in run(withRetention: withRetention) }.nonisolated()
        return passes
    }

    private func run(withRetention: Bool) -> EventLoopFuture<Void> {
        guard isRunning, broker.storageFailure == nil else { return broker.loop.makeSucceededVoidFuture() }
        do throws(ErrorCode) {
            try broker.expire(now: broker.wallClock)
        } catch {
            broker.logger.error("Expiry was not written down", metadata: ["code": "\(error.rawValue)"])
        }
        return next(broker.partitions.map(\.id)[...], withRetention: withRetention)
    }

    private func next(_ ids: ArraySlice<TopicPartition>, withRetention: Bool) -> EventLoopFuture<Void> {
        guard let id = ids.first, isRunning else { return broker.loop.makeSucceededVoidFuture() }
        return clean(id, withRetention: withRetention).assumeIsolated().flatMap { [unowned self] in
            next(ids.dropFirst(), withRetention: withRetention)
        }.nonisolated()
    }

    private func clean(_ id: TopicPartition, withRetention: Bool) -> EventLoopFuture<Void> {
        let nothing = broker.loop.makeSucceededVoidFuture()
        guard let configuration = broker.topics[id.topic]?.configuration,
            let partition = try? broker.partition(id.topic, id.partition)
        else { return nothing }
        let compaction = configuration.compaction(defaultRatio: broker.configuration.minimumCleanableRatio)
        do {
            if withRetention { try retain(partition, configuration) }
            if let compaction { try rollIfDue(partition, configuration, compaction) }
        } catch {
            broker.logger.error("Log is not cleaned", metadata: ["partition": "\(id)", "error": "\(error)"])
            return nothing
        }
        let compacted = checkpoint(partition, bytes: Self.restingCheckpointBytes).assumeIsolated().flatMap {
            [unowned self] in
            compaction.map { compact(partition, $0) } ?? nothing
        }
        return compacted.flatMap { [unowned self] in removeRetired(partition) }.nonisolated()
    }

    private func retain(_ partition: HostedPartition, _ configuration: TopicConfiguration) throws {
        guard let rule = configuration.retention else { return }
        let log = partition.log
        let decision = rule.decide(
            log.segments.map(\.summary), limit: partition.lastStableOffset, now: broker.wallClock)
        if decision.takesActive { try log.roll() }
        guard let start = decision.newStart, start > log.logStartOffset else { return }
        for range in log.damage where range.offsets.lowerBound < start {
            broker.logger.warning(
                "Damaged batches are past their retention and go with their segment",
                metadata: ["partition": "\(partition.id)", "damaged": "\(range)"])
        }
        let id = partition.id
        try broker.record(.logStart(LogStartRecord(topic: id.topic, partition: id.partition, offset: start)))
        try log.deleteRecords(before: start)
        broker.logger.info("Old segments removed", metadata: ["partition": "\(id)", "log-start": "\(start)"])
    }

    /// An active segment that gets no more batches would otherwise never be compacted.
    private func rollIfDue(
        _ partition: HostedPartition, _ configuration: TopicConfiguration, _ rule: CompactionRule
    ) throws {
        guard let active = partition.log.segments.last?.summary, active.firstTimestamp >= 0 else { return }
        let age = broker.wallClock - min(broker.wallClock, active.firstTimestamp)
        guard age > configuration.logLimits.segmentMilliseconds || age > rule.maximumLagMilliseconds else { return }
        try partition.log.roll()
    }

    private func removeRetired(_ partition: HostedPartition) -> EventLoopFuture<Void> {
        guard partition.log.takeRetired() else { return broker.loop.makeSucceededVoidFuture() }
        let (directory, logger) = (partition.log.directory, broker.logger)
        return onThread {
            do {
                try SegmentSwap.removeRetired(in: directory)
            } catch {
                // The next start removes them.
                logger.warning("Old segments not removed", metadata: ["error": "\(error)"])
            }
        }
    }

    // MARK: Checkpoints

    /// Writes checkpoints when enough has been appended, or a segment was closed.
    func checkpointIfDue(_ partition: HostedPartition) {
        guard isRunning, partition.checkpointing == nil, partition.log.isCheckpointDue(bytes: Self.checkpointBytes)
        else { return }
        _ = checkpoint(partition, bytes: Self.checkpointBytes)
    }

    private func checkpoint(_ partition: HostedPartition, bytes: Int) -> EventLoopFuture<Void> {
        if let current = partition.checkpointing {
            return current.assumeIsolated().flatMap { [unowned self] in checkpoint(partition, bytes: bytes) }
                .nonisolated()
        }
        guard partition.log.isCheckpointDue(bytes: bytes) else { return broker.loop.makeSucceededVoidFuture() }
        let jobs = partition.log.takeCheckpoints(bytes: bytes)
        let written = onThread { jobs.map { $0.run() } }.assumeIsolated().map { [unowned self] outcomes in
            partition.checkpointing = nil
            for (job, outcome) in zip(jobs, outcomes).reversed() { settle(partition, job, outcome) }
        }.nonisolated()
        partition.checkpointing = written
        return written
    }

    private func settle(_ partition: HostedPartition, _ job: CheckpointJob, _ outcome: CheckpointJob.Outcome) {
        var wasWritten = false
        switch outcome {
        case .written: wasWritten = true
        case .syncFailed(let error): broker.fail(error)
        case .notWritten(let error):
            guard broker.hosts(partition) else { return }
            broker.logger.warning(
                "No checkpoint written, it will be tried again",
                metadata: ["partition": "\(partition.id)", "error": "\(error)"])
        }
        do throws(StorageError) {
            try partition.log.checkpointEnded(job, wasWritten: wasWritten)
        } catch {
            broker.logger.warning("Checkpoint not removed", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Compaction

    private func compact(_ partition: HostedPartition, _ rule: CompactionRule) -> EventLoopFuture<Void> {
        let nothing = broker.loop.makeSucceededVoidFuture()
        guard broker.hosts(partition), !uncompactable.contains(partition.id) else { return nothing }
        let job: CompactionJob?
        do {
            job = try partition.log.compaction(
                rule, limit: partition.lastStableOffset, keyLimit: broker.configuration.compactionKeyLimit,
                isCancelled: { [stopFlag] in stopFlag.isSet.load(ordering: .relaxed) })
        } catch {
            broker.logger.error(
                "Log is not compacted", metadata: ["partition": "\(partition.id)", "error": "\(error)"])
            return nothing
        }
        guard let job else { return nothing }
        return onThread { try job.run() }.assumeIsolated().map { [unowned self] outputs in
            swap(partition, outputs)
        }.flatMapErrorThrowing { [unowned self] error in
            guard !(error is CompactionJob.Cancelled), broker.hosts(partition) else { return }
            // Once the log knows what of it is damaged, it is served as it is, and no compaction is planned.
            if let unsound = error as? UnsoundSegment { return try partition.log.examine(unsound) }
            broker.logger.error(
                "Log is not compacted, it will be tried again",
                metadata: ["partition": "\(partition.id)", "error": "\(error)"])
        }.nonisolated()
    }

    private func swap(_ partition: HostedPartition, _ outputs: [CompactionJob.Output]) {
        guard broker.hosts(partition), broker.storageFailure == nil else { return }
        for output in outputs {
            do {
                guard try partition.log.replace(output.swap, with: output.summary) else { return }
            } catch {
                // The files may be half swapped. The next start finishes that; until then the open ones are read.
                uncompactable.insert(partition.id)
                broker.logger.error(
                    "Compacted segments cannot be put in place; the log is compacted after the broker's next start",
                    metadata: ["partition": "\(partition.id)", "error": "\(error)"])
                return
            }
        }
        broker.logger.debug("Log compacted", metadata: ["partition": "\(partition.id)"])
    }
}

extension Broker {
    var partitions: [HostedPartition] { topics.values.flatMap(\.partitions) }

    /// Whether a partition is still the one that is served; it may have been deleted, and made anew.
    func hosts(_ partition: HostedPartition) -> Bool {
        (try? self.partition(partition.id.topic, partition.id.partition)) === partition
    }
}
