// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import NIOCore
import NIOPosix

/// All state of the broker, confined to one event loop that serves no connection.
///
/// Handlers (in `Handlers/`) run to completion there, one after the other; what they wait for resumes them on the
/// same loop. So there are no locks, and the order of changes is the order of the log.
final class Broker {
    static let nodeID: Int32 = 1
    static let leaderEpoch: Int32 = 0
    /// Producer ids are taken from the log in blocks, so that most need no write.
    static let producerBlock: Int64 = 1000

    let configuration: BrokerConfiguration
    let loop: any EventLoop
    let logger: Logger
    private let pool: NIOThreadPool
    private let lock: DirectoryLock
    let metadata: MetadataLog
    let metadataGate: SyncGate

    var clusterID = ""
    var bootID = ""
    var topics: [String: HostedTopic] = [:]
    var nextProducerID: Int64 = 0
    var producerIDLimit: Int64 = 0
    var transactions: [String: Transaction] = [:]
    /// The transactional id of each producer that has one.
    var transactionalIDs: [Int64: String] = [:]
    var lastCommits = LastCommits()
    var groups: [String: Group] = [:]
    var groupMemory = GroupMemory()
    var groupRefusals = LogThrottle<String>(interval: .seconds(5))
    var groupTimers: [String: Scheduled<Void>] = [:]
    var offsets: [String: GroupOffsets] = [:]
    /// Since when groups have no members; milliseconds since 1970.
    var emptyGroups: [String: Int64] = [:]
    var joins: [CallID: (JoinGroupResponse) -> Void] = [:]
    var syncs: [CallID: (SyncGroupResponse) -> Void] = [:]
    /// The fetches that wait, by their connections.
    var fetches: [UInt64: OpenFetch] = [:]
    let queuedAnswers: QueuedAnswers
    var transactionScan: Scheduled<Void>?
    /// Decided transactions whose end is still to be written.
    var incomplete: Set<String> = []
    /// Decided transactions whose markers a test wants to be late.
    var lateMarkers: [String: Scheduled<Void>] = [:]
    private var lastNumber: UInt64 = 0
    private(set) var storageFailure: (any Error)?
    /// Told of the failure that ended the broker's use.
    private let onFailure: (any Error) -> Void
    private var isCompactionPlanned = false
    private(set) lazy var cleaner = LogCleaner(broker: self)

    /// Recovers the state in the data directory.
    init(
        configuration: BrokerConfiguration, loop: any EventLoop, pool: NIOThreadPool, logger: Logger,
        onFailure: @escaping (any Error) -> Void
    ) throws {
        self.onFailure = onFailure
        self.configuration = configuration
        self.loop = loop
        self.pool = pool
        self.logger = logger
        queuedAnswers = QueuedAnswers(limit: configuration.limits.queuedMaxResponseBytes)
        try Directory.create(configuration.dataDirectory)
        lock = try DirectoryLock(configuration.dataDirectory)
        var image = MetadataImage()
        let metadata = try MetadataLog(path: configuration.dataDirectory + "/metadata.log") { image.apply($0) }
        try Directory.sync(configuration.dataDirectory)
        self.metadata = metadata
        metadataGate = SyncGate(
            loop: loop, pool: pool, policy: configuration.fsync, position: metadata.appended,
            takeFiles: { metadata.takeUnsynced() })
        metadataGate.onFailure = { [unowned self] in fail($0) }
        try restore(image)
    }

    /// Milliseconds since 1970.
    var wallClock: Int64 { configuration.wallClock() }

    /// A number that no other call of this broker's life has.
    func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    /// Appends to the metadata log.
    func record(_ records: MetadataRecord...) throws(ErrorCode) { try record(records) }

    /// Appends to the metadata log, all or nothing.
    /// - Parameter isAwaited: Whether somebody is about to wait for it to be durable.
    func record(_ records: [MetadataRecord], isAwaited: Bool = true) throws(ErrorCode) {
        do {
            try metadata.append(records)
        } catch {
            logger.error("Metadata log cannot be written", metadata: ["error": "\(error)"])
            throw .storageError
        }
        metadataGate.wrote(upTo: metadata.appended, isAwaited: isAwaited)
        planMetadataCompaction()
    }

    /// After a failed sync no one knows what the device holds: the broker takes no more writes.
    func fail(_ error: any Error) {
        guard storageFailure == nil else { return }
        storageFailure = error
        logger.critical(
            """
            Sync failed: what the device holds is not known, so the broker takes no more writes. Look after the \
            device, then start the broker again: it recovers what is there
            """, metadata: ["error": "\(error)"])
        onFailure(error)
    }

    /// Rewrites the metadata log when it has grown, between two requests: then state and log agree.
    private func planMetadataCompaction() {
        guard metadata.isWorthCompacting, !isCompactionPlanned else { return }
        isCompactionPlanned = true
        loop.assumeIsolated().execute { [unowned self] in
            isCompactionPlanned = false
            compactMetadata()
        }
    }

    private func compactMetadata() {
        // A decision that is not written yet must not get into the log early.
        guard storageFailure == nil, !transactions.values.contains(where: \.isEnding) else { return }
        do {
            try metadata.replace(with: snapshot())
        } catch let error as MetadataLog.NotReplaced {
            logger.warning("Metadata log was not compacted", metadata: ["error": "\(error.cause)"])
        } catch {
            fail(error)
        }
    }

    func checkStorage() throws(ErrorCode) {
        if storageFailure != nil { throw .storageError }
    }

    /// Runs an operation on files; what fails is logged and becomes the protocol's storage error.
    func onStorage<Value>(
        _ subject: @autoclosure () -> String, _ operation: () throws -> Value
    ) throws(ErrorCode) -> Value {
        do {
            return try operation()
        } catch is DamagedOffset {
            // It was told when it was found.
            throw .corruptMessage
        } catch {
            logger.error("Storage failed", metadata: ["subject": "\(subject())", "error": "\(error)"])
            throw .storageError
        }
    }

    // MARK: Partitions

    func partition(_ topic: String, _ index: Int32) throws(ErrorCode) -> HostedPartition {
        guard let partitions = topics[topic]?.partitions, partitions.indices.contains(Int(index)) else {
            throw .unknownTopicOrPartition
        }
        return partitions[Int(index)]
    }

    func openPartition(
        _ id: TopicPartition, configuration: TopicConfiguration, startOffset: Int64 = 0
    ) throws -> HostedPartition {
        let log = try PartitionLog(
            directory: directory(of: id), startOffset: startOffset,
            limits: configuration.logLimits, now: self.configuration.wallClock,
            report: { [logger] in logger.warning("Log repaired", metadata: ["partition": "\(id)", "what": "\($0)"]) },
            onDamage: { [logger] in Self.tell($0, in: id, logger) })
        if self.configuration.fsync == .groupCommit { log.closing = { [unowned self] in try sync($0) } }
        let gate = SyncGate(
            loop: loop, pool: pool, policy: self.configuration.fsync, position: log.endOffset,
            takeFiles: { log.takeUnsynced() })
        gate.onFailure = { [unowned self] in fail($0) }
        let partition = HostedPartition(id: id, log: log, gate: gate)
        // By its name: the gate of a deleted topic's partition may outlive it.
        gate.onAdvance = { [unowned self] in
            guard let partition = try? self.partition(id.topic, id.partition) else { return }
            sawMore(of: [partition])
            cleaner.checkpointIfDue(partition)
        }
        return partition
    }

    private static func tell(_ damage: DamagedRange, in id: TopicPartition, _ logger: Logger) {
        logger.error(
            """
            Log damaged: who asks for these offsets gets CORRUPT_MESSAGE, all others are served. Look after the \
            device; then restore a backup, or have the damaged bytes set aside: stop the broker and run `relay broker \
            --data-directory <directory> --set-aside \(id.topic)-\(id.partition)@\(damage.offsets.lowerBound)`
            """, metadata: ["partition": "\(id)", "damaged": "\(damage)"])
    }

    /// Readers may see more of partitions than before: all at once, so that who waits for several of them gets one
    /// answer.
    func sawMore(of partitions: [HostedPartition]) {
        for partition in partitions { partition.sawMore() }
        for partition in partitions { wakeFetches(of: partition) }
    }

    private func sync(_ file: LogFile) throws(StorageError) {
        do {
            try file.sync()
        } catch {
            fail(error)
            throw error
        }
    }

    var topicsDirectory: String { configuration.dataDirectory + "/topics" }

    func directory(of id: TopicPartition) -> String { "\(topicsDirectory)/\(id.topic)-\(id.partition)" }

    // MARK: Life

    /// Starts the clocks, once the broker listens.
    func open() {
        for id in groups.keys { scheduleTick(id) }
        scheduleTransactionScan()
        cleaner.start()
    }

    /// Waits for what was written to be durable, then lets go of everything.
    func close() -> EventLoopFuture<Void> {
        transactionScan?.cancel()
        lateMarkers.values.forEach { $0.cancel() }
        groupTimers.values.forEach { $0.cancel() }
        fetches.values.forEach(endWait)
        let done = loop.makePromise(of: Void.self)
        var gates = topics.values.flatMap { $0.partitions.map(\.gate) } + [metadataGate]
        func next() {
            guard let gate = gates.popLast() else {
                if metadata.isWorthCompactingAtRest { compactMetadata() }
                cleaner.stop().assumeIsolated().whenComplete { _ in
                    self.lock.release()
                    done.succeed()
                }
                return
            }
            gate.whenSettled(next)
        }
        next()
        return done.futureResult
    }

    func connectionClosed(_ connection: UInt64) {
        if let fetch = fetches[connection] { endWait(fetch) }
    }
}
