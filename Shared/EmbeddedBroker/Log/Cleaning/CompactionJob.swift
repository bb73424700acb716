// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Writes compacted segments beside those that they are made from. Runs on any thread, and changes nothing that counts.
struct CompactionJob: Sendable {
    struct Source: Sendable {
        var file: LogFile
        var summary: SegmentSummary
    }

    struct Output: Sendable {
        var swap: SegmentSwap
        var summary: SegmentSummary
    }

    /// The broker is about to stop.
    struct Cancelled: Error {}

    let directory: String
    /// All closed segments up to the end of the plan.
    let sources: [Source]
    let plan: CompactionRule.Plan
    let rule: CompactionRule
    /// Aborted transactions with records in the sources.
    let aborted: [ProducerLedger.AbortedTransaction]
    let producers: ProducerLedger
    /// Milliseconds since 1970.
    let now: Int64
    /// The most keys that are held in memory at a time.
    let keyLimit: Int
    let isCancelled: @Sendable () -> Bool

    func run() throws -> [Output] {
        do {
            var filter = try filter(AbortedRanges(aborted))
            return try plan.groups.map { try write($0, &filter) }
        } catch {
            try removeOutput()
            throw error
        }
    }

    private func checkpoint(_ source: Source) throws -> CheckpointFile {
        let found = try CheckpointFile(
            segment: source.file, directory: directory, baseOffset: source.summary.baseOffset)
        guard let found, found.head.summary.size == source.summary.size else { throw CheckpointFile.Unusable() }
        return found
    }

    /// Reads the segments that are new, for the last offset of each of their keys.
    private func filter(_ aborted: AbortedRanges) throws -> CompactionFilter {
        var latest = KeyOffsets(limit: keyLimit)
        var mapEnd = sources.last?.summary.endOffset ?? 0
        reading: for source in sources[plan.firstDirty...] {
            var reader = SegmentReader(source.file, size: source.summary.size)
            while let (header, batch) = try reader.next() {
                if isCancelled() { throw Cancelled() }
                guard !header.isControl, !aborted.contains(header),
                    case .records(var body) = RecordBatchBody.open(batch, header)
                else { continue }
                while let record = RecordView.next(in: &body) {
                    let offset = header.baseOffset &+ Int64(record.offsetDelta)
                    guard let key = record.key, offset >= source.summary.compactedEnd, !latest.note(key, offset) else {
                        continue
                    }
                    // What comes after this record is left for the next time.
                    mapEnd = offset
                    break reading
                }
            }
        }
        return CompactionFilter(
            latest: latest, mapEnd: mapEnd, aborted: aborted, producers: producers, now: now,
            deleteRetentionMilliseconds: rule.deleteRetentionMilliseconds)
    }

    private func write(_ group: Range<Int>, _ filter: inout CompactionFilter) throws -> Output {
        let sources = sources[group]
        guard let first = sources.first?.summary, let last = sources.last else { throw Cancelled() }
        let swap = SegmentSwap(
            directory: directory, range: first.baseOffset..<last.summary.endOffset,
            replaced: sources.map(\.summary.baseOffset))
        var writer = try SegmentWriter(path: swap.logPath, baseOffset: first.baseOffset)
        for source in sources {
            var reader = SegmentReader(source.file, size: source.summary.size)
            while let (header, batch) = try reader.next() {
                if isCancelled() { throw Cancelled() }
                switch filter.verdict(on: batch, header) {
                case .keep: try writer.append(batch)
                case .replace(let other): try writer.append(other)
                case .drop: break
                }
            }
        }
        try writer.finish()
        var summary = writer.summary
        summary.endOffset = last.summary.endOffset
        summary.stableOffset = last.summary.stableOffset
        summary.compactedEnd = min(last.summary.endOffset, max(filter.mapEnd, first.baseOffset))
        let checkpoint = SegmentCheckpoint(
            summary: summary, index: writer.index, aborted: filter.takeRemaining(),
            ledger: try checkpoint(last).ledgerBytes())
        try CheckpointFile.write(checkpoint, to: swap.indexPath)
        return Output(swap: swap, summary: summary)
    }

    private func removeOutput() throws {
        for name in try Directory.entries(directory) where name.hasSuffix(SegmentSwap.written) {
            try Directory.remove("\(directory)/\(name)")
        }
    }
}
