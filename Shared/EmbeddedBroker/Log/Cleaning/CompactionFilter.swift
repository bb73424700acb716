// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Decides batch by batch what compaction leaves of a log. It is given all batches from the log's start on, in order.
///
/// Offsets, and the base offset and last offset of each batch, stay as they were.
struct CompactionFilter {
    /// The last offset of each key among the records before `mapEnd`.
    var latest: KeyOffsets
    /// Records from here on stay.
    var mapEnd: Int64
    var aborted: AbortedRanges
    /// A producer's last batch stays, emptied if need be: it tells the producer's sequence.
    var producers: ProducerLedger
    /// Milliseconds since 1970.
    var now: Int64
    var deleteRetentionMilliseconds: Int64

    /// Producers of whose open transaction a batch has been seen.
    private var seen: Set<Int64> = []
    /// Aborted transactions of which something is left, in the order of their ends.
    private(set) var remaining: [ProducerLedger.AbortedTransaction] = []

    enum Verdict: Equatable {
        case keep
        case drop
        case replace(ByteBuffer)
    }

    init(
        latest: KeyOffsets, mapEnd: Int64, aborted: AbortedRanges, producers: ProducerLedger, now: Int64,
        deleteRetentionMilliseconds: Int64
    ) {
        self.latest = latest
        self.mapEnd = mapEnd
        self.aborted = aborted
        self.producers = producers
        self.now = now
        self.deleteRetentionMilliseconds = deleteRetentionMilliseconds
    }

    mutating func takeRemaining() -> [ProducerLedger.AbortedTransaction] {
        defer { remaining = [] }
        return remaining
    }

    mutating func verdict(on batch: ByteBuffer, _ header: RecordBatchHeader) -> Verdict {
        if header.isControl { return verdict(onMarker: batch, header) }
        if header.isTransactional { seen.insert(header.producerID) }
        let isAborted = aborted.contains(header)
        guard !isAborted else { return emptied(header) }
        guard case .records(var body) = RecordBatchBody.open(batch, header) else { return .keep }
        var records: [RecordView] = []
        while let record = RecordView.next(in: &body) { records.append(record) }
        // What cannot be read whole is not touched.
        guard records.count == Int(header.recordCount) else { return .keep }
        let mayDropTombstones = header.deleteHorizon.map { $0 <= now } ?? false
        let kept = records.filter {
            isKept($0, header.baseOffset &+ Int64($0.offsetDelta), mayDropTombstones: mayDropTombstones)
        }
        guard !kept.isEmpty else { return emptied(header) }
        let hasTombstone = kept.contains { !$0.hasValue }
        let horizon = hasTombstone ? header.deleteHorizon.flatMap { $0 > now ? $0 : nil } ?? newHorizon : nil
        guard kept.count < records.count || horizon != header.deleteHorizon else { return .keep }
        return .replace(RecordBatchWriter.batch(like: header, kept, deleteHorizon: horizon))
    }

    private func isKept(_ record: RecordView, _ offset: Int64, mayDropTombstones: Bool) -> Bool {
        guard offset < mapEnd else { return true }
        // Records without a key have no place in a compacted log.
        guard let key = record.key else { return false }
        if let last = latest[key], offset < last { return false }
        return record.hasValue || !mayDropTombstones
    }

    private func emptied(_ header: RecordBatchHeader) -> Verdict {
        let last = producers.entries[header.producerID]?.batches.last
        guard header.hasProducer, last?.lastOffset == header.lastOffset else { return .drop }
        if header.recordCount == 0 { return .keep }
        return .replace(RecordBatchWriter.batch(like: header, [], deleteHorizon: nil))
    }

    /// A marker is needed as long as there are batches of its transaction, and for some time after that by readers
    /// who have seen some.
    private mutating func verdict(onMarker batch: ByteBuffer, _ header: RecordBatchHeader) -> Verdict {
        guard seen.remove(header.producerID) == nil else {
            if let transaction = aborted.ended(by: header) { remaining.append(transaction) }
            return .keep
        }
        // A producer that has no batch here any more is told by its marker.
        let producer = producers.entries[header.producerID]
        let isOnlyTrace = producer?.batches.isEmpty == true && producer?.epoch == header.producerEpoch
        if let horizon = header.deleteHorizon {
            if horizon > now { return .keep }
            if !isOnlyTrace { return .drop }
        }
        guard case .records(var body) = RecordBatchBody.open(batch, header), let record = RecordView.next(in: &body)
        else { return .keep }
        return .replace(RecordBatchWriter.batch(like: header, [record], deleteHorizon: newHorizon))
    }

    private var newHorizon: Int64 { now + min(deleteRetentionMilliseconds, .max - now) }
}
