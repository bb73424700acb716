// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore

/// The batches of one partition: segments on disk and what was derived from them.
final class PartitionLog {
    struct Limits: Equatable, Sendable {
        var segmentBytes = 64 << 20
        /// Between the timestamps of a segment's first batch and of the one that begins the next segment.
        var segmentMilliseconds = Int64.max
    }

    let directory: String
    var limits: Limits
    private(set) var segments: [Segment]
    private(set) var producers: ProducerLedger
    private var refused = RefusedBatches()
    private(set) var logStartOffset: Int64
    /// The broker's clock, in milliseconds since 1970.
    let now: () -> Int64
    let report: (String) -> Void
    /// Told of what cannot be read, once.
    let onDamage: (DamagedRange) -> Void
    /// What cannot be read, in order. It is found by the start, or by the first who asks for it.
    private(set) var damage: [DamagedRange] = []
    /// Called with a segment's file before the next segment begins.
    ///
    /// When it makes the file durable, a loss of power takes the end of the log only, never some of its middle.
    var closing: (LogFile) throws -> Void = { _ in }
    /// Segment files with writes that have not been handed to a sync.
    private var unsynced: [LogFile] = []
    /// Checkpoints of closed segments that have not been written.
    private var unwritten: [CheckpointJob]
    private var checkpointedBytes: Int
    /// Whether files wait to be removed.
    private(set) var hasRetired = false

    /// Offset of the next batch.
    var endOffset: Int64 { active.endOffset }
    var size: Int { segments.reduce(0) { $0 + $1.size } }
    private var active: Segment { segments[segments.count - 1] }

    /// Opens the partition in a directory, cutting a torn batch at its end.
    init(
        directory: String, startOffset: Int64 = 0, limits: Limits = Limits(),
        now: @escaping () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1000) },
        report: @escaping (String) -> Void = { _ in }, onDamage: @escaping (DamagedRange) -> Void = { _ in }
    ) throws {
        self.directory = directory
        self.limits = limits
        self.now = now
        self.report = report
        self.onDamage = onDamage
        let recovery = LogRecovery(directory: directory, now: now(), report: report)
        let found = try recovery.run(startOffset: startOffset)
        segments = found.segments
        producers = found.ledger
        unwritten = found.unwritten
        checkpointedBytes = found.checkpointedBytes
        producers.showed(upTo: .max)
        logStartOffset = max(startOffset, segments[0].baseOffset)
        producers.forgetAborted(before: logStartOffset)
        takeOver(recovery.damage)
    }

    private func takeOver(_ found: [DamagedRange]) {
        for range in found where !damage.contains(range) {
            damage.append(range)
            onDamage(range)
        }
        damage.sort { $0.offsets.lowerBound < $1.offsets.lowerBound }
    }

    private func forgetDamage(of segment: Segment) { damage.removeAll { $0.path == segment.file.path } }

    /// The files written since the last call, for the caller to sync.
    func takeUnsynced() -> [LogFile] {
        defer { unsynced = [] }
        return unsynced
    }

    /// Decides about a batch before it is appended.
    func verdict(on header: RecordBatchHeader) throws(ErrorCode) -> ProducerLedger.Verdict {
        let verdict = Result { () throws(ErrorCode) in try producers.verdict(on: header) }
        if case .success(.duplicate) = verdict { return try verdict.get() }
        if refused.holdsBack(header, now: now()) { throw .storageError }
        return try verdict.get()
    }

    /// Appends a checked batch and returns the offset of its first record.
    func append(_ batch: ByteBuffer, _ header: RecordBatchHeader) throws -> Int64 {
        do {
            let placed = try write(batch, header)
            producers.append(placed, now: now())
            refused.forget(header.producerID)
            return placed.baseOffset
        } catch {
            refused.note(header, now: now())
            throw error
        }
    }

    /// Appends the marker that ends a producer's transaction here.
    func appendMarker(
        _ outcome: TransactionOutcome, producerID: Int64, producerEpoch: Int16, timestamp: Int64
    ) throws {
        let batch = ControlBatch.marker(
            outcome, producerID: producerID, producerEpoch: producerEpoch, timestamp: timestamp)
        guard let header = RecordBatchHeader(batch, at: batch.readerIndex) else { return }
        producers.end(try write(batch, header), outcome: outcome, now: now())
        refused.forget(producerID)
    }

    private func write(_ batch: ByteBuffer, _ header: RecordBatchHeader) throws -> RecordBatchHeader {
        let isFull = active.size + header.totalSize > limits.segmentBytes
        let age = header.maxTimestamp.subtractingReportingOverflow(active.summary.firstTimestamp).partialValue
        if isFull || age > limits.segmentMilliseconds { try roll() }
        var placed = header
        placed.baseOffset = endOffset
        try active.append(batch, header: placed)
        if unsynced.last !== active.file { unsynced.append(active.file) }
        return placed
    }

    /// Closes the active segment, unless it is empty: what is appended next begins a new one.
    func roll() throws {
        let closed = active
        guard closed.size > 0 else { return }
        try closing(closed.file)
        let next = try Segment(directory: directory, baseOffset: endOffset)
        do {
            try Directory.sync(directory)
        } catch {
            // Left there, it would lie about where the log ends.
            try Directory.remove(next.file.path)
            throw error
        }
        unwritten.append(checkpoint(of: closed))
        segments.append(next)
        checkpointedBytes = 0
    }

    /// Moves the start of the log; segments that end before it are taken out of use.
    func deleteRecords(before offset: Int64) throws {
        guard offset > logStartOffset else { return }
        logStartOffset = offset
        producers.forgetAborted(before: offset)
        while segments.count > 1, segments[1].baseOffset <= offset {
            try SegmentSwap.retireFiles(of: segments[0])
            let gone = segments.removeFirst()
            forgetDamage(of: gone)
            unwritten.removeAll { $0.describes(gone) }
            hasRetired = true
        }
    }

    /// Says that the files that are out of use are being removed.
    func takeRetired() -> Bool {
        defer { hasRetired = false }
        return hasRetired
    }

    /// Says that readers see what lies before an offset.
    func showed(upTo highWatermark: Int64) { producers.showed(upTo: highWatermark) }

    func forgetProducers(where isExpired: (ProducerLedger.Entry) -> Bool) {
        producers.forgetProducers(where: isExpired)
    }

    // MARK: Checkpoints

    private func checkpoint(of segment: Segment) -> CheckpointJob {
        CheckpointJob(
            segment: segment,
            checkpoint: SegmentCheckpoint(
                summary: segment.summary, index: segment.index ?? SparseIndex(), ledger: producers))
    }

    /// Whether there is anything to write down, for closed segments or for so many bytes of the active one.
    func isCheckpointDue(bytes: Int) -> Bool {
        !unwritten.isEmpty || (active.size > checkpointedBytes && active.size - checkpointedBytes >= bytes)
    }

    /// Checkpoints for the caller to write, in order.
    func takeCheckpoints(bytes: Int) -> [CheckpointJob] {
        var jobs = unwritten
        unwritten = []
        if active.size > checkpointedBytes, active.size - checkpointedBytes >= bytes {
            jobs.append(checkpoint(of: active))
            checkpointedBytes = active.size
        }
        return jobs
    }

    /// Says what became of a checkpoint. One that was not written stays due if it is its segment's last.
    func checkpointEnded(_ job: CheckpointJob, wasWritten: Bool) throws(StorageError) {
        guard let segment = segments.first(where: { $0.baseOffset == job.checkpoint.summary.baseOffset }) else {
            return try job.discard()
        }
        guard segment !== active else {
            if !wasWritten { checkpointedBytes = 0 }
            return
        }
        guard job.describes(segment), !segment.isSealed else { return }
        guard wasWritten else { return unwritten.insert(job, at: 0) }
        segment.seal(job.checkpoint.summary)
        producers.forgetAborted(before: firstUnsealed.baseOffset)
    }

    var firstUnsealed: Segment { segments.first { !$0.isSealed } ?? active }

    /// Looks something up in a segment. A checkpoint that turns out to be unusable is made anew first, and a segment
    /// that is not what it was when it was written is read whole, for what of it is damaged.
    func lookUp<Value>(_ number: Int, _ body: (Segment) throws -> Value) throws -> Value {
        do {
            return try body(segments[number])
        } catch is CheckpointFile.Unusable {
            let recovery = LogRecovery(directory: directory, now: now(), report: report)
            try recovery.rebuild(segments, number)
            takeOver(recovery.damage)
        } catch is UnsoundSegment {
            try examine(segments[number])
        }
        return try body(segments[number])
    }

    private func examine(_ segment: Segment) throws {
        let recovery = LogRecovery(directory: directory, now: now(), report: report)
        try recovery.examine(segment)
        takeOver(recovery.damage)
    }

    /// Reads a segment anew in which somebody met what is no sound batch.
    func examine(_ unsound: UnsoundSegment) throws {
        guard let segment = segments.first(where: { $0.file.path == unsound.path }) else { return }
        try examine(segment)
    }

    /// Aborted transactions with records in the range of offsets, in the order of their ends.
    func aborted(overlapping range: Range<Int64>) throws -> [ProducerLedger.AbortedTransaction] {
        var found: [ProducerLedger.AbortedTransaction] = []
        let unsealed = segments.firstIndex { !$0.isSealed } ?? segments.count - 1
        var number = max(0, segments.partitioningIndex { $0.baseOffset > range.lowerBound } - 1)
        while number < unsealed {
            found += try lookUp(number) { try $0.checkpoint().aborted() }.filter {
                $0.lastOffset >= range.lowerBound && $0.firstOffset < range.upperBound
            }
            // What ends later began later.
            if segments[number].summary.stableOffset >= range.upperBound { return found }
            number += 1
        }
        return found + producers.aborted(overlapping: range)
    }

    // MARK: Compaction

    /// The compaction that is due; nil when none is.
    ///
    /// - Parameter limit: the last stable offset.
    func compaction(
        _ rule: CompactionRule, limit: Int64, keyLimit: Int, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> CompactionJob? {
        let closed = segments.dropLast().prefix { $0.isSealed }
        guard let plan = rule.plan(closed.map(\.summary), limit: limit, now: now()) else { return nil }
        // What a damaged batch says about its keys is not known, and its bytes are not to be copied as if they were.
        let sources = Set(closed[..<plan.end].map(\.file.path))
        guard !damage.contains(where: { sources.contains($0.path) }) else { return nil }
        return CompactionJob(
            directory: directory,
            sources: closed[..<plan.end].map { CompactionJob.Source(file: $0.file, summary: $0.summary) },
            plan: plan, rule: rule,
            aborted: try aborted(overlapping: segments[0].baseOffset..<segments[plan.end - 1].endOffset),
            producers: producers, now: now(), keyLimit: keyLimit, isCancelled: isCancelled)
    }

    /// Puts a compacted segment in the place of the segments that it was made from.
    ///
    /// False when those are not there any more as they were.
    func replace(_ swap: SegmentSwap, with summary: SegmentSummary) throws -> Bool {
        guard let first = segments.firstIndex(where: { $0.baseOffset == swap.range.lowerBound }),
            segments.dropLast()[first...].prefix(swap.replaced.count).map(\.baseOffset) == swap.replaced,
            segments[first + swap.replaced.count - 1].endOffset == swap.range.upperBound
        else { return false }
        for step in swap.steps { try SegmentSwap.perform(step) }
        let segment = try Segment(directory: directory, baseOffset: swap.range.lowerBound)
        segment.seal(summary)
        segments.replaceSubrange(first..<(first + swap.replaced.count), with: [segment])
        hasRetired = true
        return true
    }
}
