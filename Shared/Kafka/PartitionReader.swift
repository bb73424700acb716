// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// Reads chosen partitions from chosen offsets, without a group: for restoring state, views and windows.
///
/// It never commits. All calls run on a thread of its own; `poll` blocks there and is woken by other calls.
public final class PartitionReader: Sendable {
    private let handle: ClientHandle
    private let thread: BlockingThread
    private let polling = PollingGate()
    private let ended = EndSignal()
    private let progress = Mutex(Progress())
    private let configuration: KafkaConfiguration
    private let logger: Logger

    private struct Progress {
        /// The offset before which everything has been read, per partition. Emptied by `assign`.
        var reached: [TopicPartition: Int64] = [:]
        var failure: KafkaError?
    }

    /// For how long the broker may keep an answer back, for more records; a partition's end is told after it too.
    private static let fetchWaitMilliseconds = 100
    /// What a reader that gathers is given without that wait.
    private static let gatheredBytes = 64 << 10

    /// Connects in the background.
    /// - Parameter gathers: Whether records may come up to a tenth of a second later and many at once, which spares
    ///   the broker and this process an answer for each: for who shows, not for who acts.
    public init(
        _ configuration: KafkaConfiguration, logger: Logger, isolation: IsolationLevel = .readCommitted,
        gathers: Bool = false
    ) throws {
        var settings = try ClientSettings(configuration, operation: "make a partition reader")
        settings.set(consumerProperties)
        settings.set([
            // librdkafka assigns partitions only to clients with a group's name, and asks for its coordinator, which
            // brokers with ACLs have to allow; nothing is ever joined or committed.
            "group.id": configuration.readerGroup,
            "isolation.level": isolation.rawValue,
            "enable.partition.eof": "true",
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms":
                "\(gathers ? configuration.gatheringWait.wholeMilliseconds : Int32(Self.fetchWaitMilliseconds))",
            "fetch.min.bytes": "\(gathers ? Self.gatheredBytes : 1)",
        ])
        let handle = try ClientHandle(
            .reader, settings, events: eventFetch | eventError, logger: logger, operation: "make a partition reader")
        self.handle = handle
        self.configuration = configuration
        self.logger = logger
        thread = BlockingThread(name: "kafka-reader", wake: { handle.yield() })
    }

    deinit {
        let handle = handle
        thread.finish { handle.destroy() }
    }

    /// Reads these partitions, and no others, from now on.
    ///
    /// An offset that the partition no longer (or not yet) has starts at the oldest record.
    public func assign(_ starts: [TopicPartition: StartPosition]) async throws {
        let offsets = starts.map { CommittedOffset(topicPartition: $0.key, offset: $0.value.nativeOffset) }
        let handle = handle
        try await thread.run("assign partitions") { [self] in
            try handle.assign(offsets)
            progress.withLock { $0.reached = [:] }
        }
    }

    /// Waits up to `timeout` for records; returns at most `maximum`, as soon as there are any. One call at a time.
    ///
    /// Lost connections are logged, not thrown: they heal.
    public func poll(maximum: Int, timeout: Duration) async throws -> [ConsumerRecord] {
        try polling.enter("poll")
        defer { polling.leave() }
        let deadline = ContinuousClock.now + timeout
        while true {
            let records = try await slice(maximum: maximum, until: deadline)
            if !records.isEmpty || polling.isClosing || ContinuousClock.now >= deadline { return records }
        }
    }

    /// Reads partitions from their beginning to their end as of this call, and gives the records to `each` in order.
    ///
    /// The partitions stay assigned: `poll` continues behind what was read, so that nothing is missed in between.
    /// Ends that are transaction markers count as read when the markers have been passed.
    /// - Throws: `KafkaError`, what `each` throws, `CancellationError`.
    public nonisolated(nonsending) func readToEnd(
        _ partitions: [TopicPartition], _ each: ([ConsumerRecord]) throws -> Void
    ) async throws {
        let ends = try await endOffsets(partitions)
        let beginnings = try await beginningOffsets(partitions)
        try await assign(Dictionary(partitions.map { ($0, .beginning) }) { first, _ in first })
        // An empty partition is at its end without a fetch that would only wait.
        let filled = ends.filter { $0.value > beginnings[$0.key] ?? 0 }
        try await read(until: filled, each)
    }

    /// As `readToEnd`, but to where the partitions end for everybody: it waits for transactions that are still open
    /// there, and gives what they commit.
    ///
    /// This is how state is restored by who takes partitions over. A transaction of the owner before can be decided,
    /// its offsets be the group's, and its records not be marked yet: readers of committed records do not see them.
    public nonisolated(nonsending) func readAll(
        _ partitions: [TopicPartition], _ each: ([ConsumerRecord]) throws -> Void
    ) async throws {
        let outsider = try PartitionReader(configuration, logger: logger, isolation: .readUncommitted)
        let filled: [TopicPartition: Int64]
        do {
            let beginnings = try await outsider.beginningOffsets(partitions)
            filled = try await outsider.endOffsets(partitions).filter { $0.value > beginnings[$0.key] ?? 0 }
            await outsider.close()
        } catch {
            await outsider.close()
            throw error
        }
        try await assign(Dictionary(partitions.map { ($0, .beginning) }) { first, _ in first })
        try await read(until: filled, each)
    }

    /// Reads assigned partitions until everything before `ends` has been read, transaction markers included.
    ///
    /// Records behind an end may come too when they are in the same batch.
    public nonisolated(nonsending) func read(
        until ends: [TopicPartition: Int64], _ each: ([ConsumerRecord]) throws -> Void
    ) async throws {
        try polling.enter("read to the end")
        defer { polling.leave() }
        while !hasReached(ends) {
            if polling.isClosing { throw KafkaError.closed("read to the end") }
            let records = try await slice(maximum: 1000, until: .now + .seconds(1))
            if !records.isEmpty { try each(records) }
        }
    }

    /// Whether everything before `ends` has been read, transaction markers included.
    public func hasReached(_ ends: [TopicPartition: Int64]) -> Bool {
        progress.withLock { progress in
            ends.allSatisfy { partition, end in end <= 0 || progress.reached[partition, default: -1] >= end }
        }
    }

    private func slice(maximum: Int, until deadline: ContinuousClock.Instant) async throws -> [ConsumerRecord] {
        try Task.checkCancellation()
        let (handle, thread) = (handle, thread)
        return try await withTaskCancellationHandler {
            try await thread.run("poll") { [self] in
                if let failure = takeFailure() { throw failure }
                let slice = handle.pollSlice(maximum: maximum, within: deadline.remaining)
                note(slice)
                // A failure that came behind records is thrown by the next call.
                if slice.records.isEmpty, let failure = takeFailure() { throw failure }
                return slice.records
            }
        } onCancel: {
            thread.wake()
        }
    }

    private func note(_ slice: PollSlice) {
        progress.withLock { progress in
            for record in slice.records { progress.reached[record.topicPartition] = record.offset + 1 }
            for end in slice.ends {
                progress.reached[end.partition] = max(end.offset, progress.reached[end.partition] ?? 0)
            }
            if let failure = slice.failure { progress.failure = failure }
        }
    }

    private func takeFailure() -> KafkaError? {
        progress.withLock { progress in
            defer { progress.failure = nil }
            return progress.failure
        }
    }

    /// Where readers end now: the last stable offset for committed reads, else the high watermark.
    public func endOffsets(_ partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        try await offsets(partitions, time: TimeQuery.end)
    }

    /// The oldest offsets kept.
    public func beginningOffsets(_ partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        try await offsets(partitions, time: TimeQuery.beginning)
    }

    /// The first offset whose record is of this time (milliseconds since 1970) or later; partitions without one are
    /// left out.
    public func offsets(
        atMilliseconds time: Int64, _ partitions: [TopicPartition]
    ) async throws -> [TopicPartition: Int64] {
        try await offsets(partitions, time: max(0, time))
    }

    private func offsets(_ partitions: [TopicPartition], time: Int64) async throws -> [TopicPartition: Int64] {
        let handle = handle
        return try await thread.run("look up offsets", patience: Patience(handle, .seconds(30))) { patience in
            try handle.offsets(partitions, time: time, patience)
        }
    }

    /// Lets a running `poll` return and frees everything, or leaves behind what does not end.
    public func close() async {
        guard polling.beginClosing() else { return await ended.wait() }
        handle.beginClosing()
        thread.wake()
        await polling.waitUntilIdle()
        await thread.finish(freeing: handle, ended)
    }
}
