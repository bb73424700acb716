// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// A member of a consumer group that reads committed records and commits only what it is told to.
///
/// All calls run on a thread of the consumer's own. `poll` blocks there until records arrive; other calls wake it, so
/// they do not wait for its timeout.
///
/// Rebalances come as events from `poll`: the handler is awaited, then the change is answered, then polling goes on.
/// While a handler runs nobody polls, so its time counts against the maximum poll interval as records' do.
public final class GroupConsumer: Sendable {
    let client: CurrentClient
    let plan: MemberPlan
    let thread: BlockingThread
    let handler: any RebalanceHandler
    let polling = PollingGate()
    let rebalancing = RebalanceState()
    private let reading = Mutex<[TopicPartition: Read]>([:])
    private let ahead = Mutex<Promise<PollSlice>?>(nil)
    private let ended = EndSignal()

    /// How far a partition was read.
    public struct Read: Sendable, Equatable {
        /// The offset behind the last record that `poll` returned; 0 before the first.
        public var delivered: Int64 = 0
        /// The offset behind everything that was passed, transaction markers and aborted records too, as of the last
        /// time that reading came to the end.
        public var passed: Int64 = 0

        /// Nothing yet.
        public init() {}
    }

    var handle: ClientHandle { client.value }

    /// How far the partitions of this membership were read. Does not wait for the consumer's thread.
    public var read: [TopicPartition: Read] { reading.withLock { $0 } }

    /// Connects and joins in the background; nothing is read before the first `poll`.
    public init(
        _ configuration: KafkaConfiguration, group: ConsumerGroupConfiguration, rebalance: any RebalanceHandler,
        logger: Logger
    ) throws {
        let operation = "make a consumer of group \(group.group)"
        let problems = group.problems
        guard problems.isEmpty else {
            throw KafkaError(
                code: .invalidConfiguration, operation: operation, message: problems.joined(separator: "; "))
        }
        var settings = try ClientSettings(configuration, operation: operation)
        settings.set(group.properties)
        plan = MemberPlan(settings: settings, topics: group.topics, logger: logger, operation: operation)
        let client = CurrentClient(try plan.join())
        self.client = client
        handler = rebalance
        thread = BlockingThread(name: "kafka-consumer", wake: { client.yield() })
    }

    deinit {
        let handle = handle
        thread.finish { handle.destroy() }
    }

    /// Waits up to `timeout` for records; returns at most `maximum`, as soon as there are any.
    ///
    /// Must be called again within the maximum poll interval, with all partitions paused too. One call at a time.
    /// Lost connections and topics that do not exist yet are logged, not thrown: both heal. So does a static member
    /// that was fenced by itself (`rejoin`).
    /// - Parameter readsAhead: Whether records that wait behind a full batch are taken out of librdkafka's memory while
    ///   the batch is worked on. Pausing comes too late for them.
    /// - Throws: `KafkaError`: fatal (fenced instance id), not authorised, or `.closed` once `close` was called;
    ///   what the handler's `assigned` threw; `CancellationError` when cancelled before anything was read.
    public func poll(
        maximum: Int, timeout: Duration, readsAhead: Bool = false
    ) async throws -> [ConsumerRecord] {
        try polling.enter("poll")
        defer { polling.leave() }
        let deadline = ContinuousClock.now + timeout
        while true {
            try Task.checkCancellation()
            do {
                // What came behind the last records, or was left unanswered by a cancelled poll, is first.
                if let failure = rebalancing.takeFailure() { throw failure }
                if let change = rebalancing.pending {
                    try await answer(change)
                    continue
                }
            } catch let error as KafkaError {
                guard try await isFencedByItself(error) else { throw error }
                try await rejoin()
                continue
            }
            let slice = try await nextSlice(maximum: maximum, until: deadline)
            rebalancing.keep(slice.rebalance, slice.failure)
            note(slice)
            if !slice.records.isEmpty {
                if readsAhead, slice.allowsReadingAhead(maximum: maximum) { readAhead(maximum) }
                return slice.records
            }
            let hasNews = slice.rebalance != nil || slice.failure != nil
            if !hasNews, polling.isClosing || ContinuousClock.now >= deadline { return [] }
        }
    }

    private func nextSlice(maximum: Int, until deadline: ContinuousClock.Instant) async throws -> PollSlice {
        let (handle, thread) = (handle, thread)
        if let slice = try await takeAhead() {
            let full = handle.toppedUp(slice, maximum: maximum)
            if !full.isEmpty { return full }
        }
        return try await withTaskCancellationHandler {
            try await thread.run("poll") {
                handle.pollSlice(maximum: maximum, within: deadline.remaining, returnsAtEnds: false)
            }
        } onCancel: {
            thread.wake()
        }
    }

    private func readAhead(_ maximum: Int) {
        let (handle, promise) = (handle, Promise<PollSlice>())
        do {
            try thread.submit("read ahead") {
                promise.complete(.success(handle.toppedUp(PollSlice(), maximum: maximum)))
                handle.remindFetchers()
            }
            ahead.withLock { $0 = promise }
        } catch {
            // Closed, or busy: then nothing is read ahead.
        }
    }

    func takeAhead() async throws -> PollSlice? {
        let promise = ahead.withLock { ahead in
            defer { ahead = nil }
            return ahead
        }
        return try await promise?.value()
    }

    /// Drops what was read ahead of partitions that are to be read from elsewhere.
    private func dropAhead(_ partitions: Set<TopicPartition>) async throws {
        guard var slice = try await takeAhead() else { return }
        slice.records.removeAll { partitions.contains($0.topicPartition) }
        let promise = Promise<PollSlice>()
        promise.complete(.success(slice))
        ahead.withLock { $0 = promise }
    }

    private func note(_ slice: PollSlice) {
        guard !slice.records.isEmpty || !slice.ends.isEmpty else { return }
        let last = slice.records.lastOffsets
        reading.withLock { reading in
            for (partition, offset) in last { reading[partition, default: Read()].delivered = offset + 1 }
            for end in slice.ends { reading[end.partition, default: Read()].passed = end.offset }
        }
    }

    func forgetReading(_ partitions: [TopicPartition]) {
        reading.withLock { reading in
            for partition in partitions { reading[partition] = nil }
        }
    }

    /// The membership as of now, for one transaction.
    public func groupMetadata() async throws -> ConsumerGroupMetadata {
        let handle = handle
        return try await thread.run("read the group metadata") { try handle.groupMetadata() }
    }

    /// The group's committed offsets with their metadata; partitions without one are left out.
    ///
    /// Waits for offsets of transactions that are being committed (KIP-447), up to 10 s.
    public func committed(_ partitions: [TopicPartition]) async throws -> [CommittedOffset] {
        let handle = handle
        return try await thread.run("read committed offsets") {
            try handle.committed(partitions, within: .seconds(10))
        }
    }

    /// The next offset that `poll` returns, for partitions of which anything was read.
    public func position(_ partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        let handle = handle
        return try await thread.run("read positions") { try handle.positions(partitions) }
    }

    /// Continues reading at other offsets. Within `RebalanceHandler.assigned` it sets where reading starts.
    public func seek(_ starts: [TopicPartition: StartPosition]) async throws {
        let later = rebalancing.override(starts)
        guard !later.isEmpty else { return }
        try await dropAhead(Set(later.keys))
        let handle = handle
        try await thread.run("seek") { try handle.seek(later) }
    }

    /// Continues reading at these offsets.
    public func seek(_ offsets: [CommittedOffset]) async throws {
        let starts = offsets.map { ($0.topicPartition, StartPosition.offset($0.offset)) }
        try await seek(Dictionary(starts) { _, last in last })
    }

    /// Stops reading partitions; what was fetched ahead is dropped. Call `poll` all the same.
    public func pause(_ partitions: [TopicPartition]) async throws {
        let handle = handle
        try await thread.run("pause") { try handle.pause(partitions) }
    }

    /// Reads paused partitions again.
    public func resume(_ partitions: [TopicPartition]) async throws {
        let handle = handle
        try await thread.run("resume") { try handle.resume(partitions) }
    }

    /// Commits offsets outside any transaction, and returns when the broker has them.
    public func commit(_ offsets: [CommittedOffset]) async throws {
        guard !offsets.isEmpty else { return }
        let handle = handle
        try await thread.run("commit offsets") { try handle.commit(offsets) }
    }

    /// The partitions that are assigned now.
    public func assignment() async throws -> [TopicPartition] {
        let handle = handle
        return try await thread.run("read the assignment") { try handle.assignment() }
    }

    /// Lets a running `poll` return, hands the partitions back through the handler's `revoked`, leaves the group
    /// (a static member stays in it until its session ends) and frees everything, or leaves behind what does not end.
    /// Up to 12 s plus the handler's time.
    public func close() async {
        guard polling.beginClosing() else { return await ended.wait() }
        thread.wake()
        await polling.waitUntilIdle()
        await leaveGroup()
        await thread.finish(freeing: handle, ended)
    }
}
