// SPDX-License-Identifier: Apache-2.0

/// What a partition knows of its producers: the last batches of each, open transactions, aborted ones.
///
/// A value without I/O: rebuilt by replaying the partition's batches.
struct ProducerLedger {
    /// Batches of a producer that are remembered, as many as an idempotent client keeps in flight.
    static let rememberedBatches = 5

    struct Batch: Equatable {
        var firstSequence: Int32
        var lastSequence: Int32
        var baseOffset: Int64
    }

    struct Entry: Equatable {
        var epoch: Int16
        var batches: [Batch] = []
        var openSince: Int64?
    }

    struct AbortedTransaction: Equatable {
        var producerID: Int64
        var firstOffset: Int64
        var lastOffset: Int64
    }

    enum Verdict: Equatable {
        case accept
        /// The batch is here already, at this offset.
        case duplicate(baseOffset: Int64)
    }

    private(set) var entries: [Int64: Entry] = [:]
    private(set) var aborted: [AbortedTransaction] = []
    private var open: [Int64: Int64] = [:]

    /// The first offset of the oldest open transaction.
    var firstOpenOffset: Int64? { open.values.min() }

    /// Producers with an open transaction.
    var openProducers: [Int64] { Array(open.keys) }

    func isOpen(_ producerID: Int64) -> Bool { open[producerID] != nil }

    /// Decides about a batch before it is appended.
    func verdict(on header: RecordBatchHeader) throws(ErrorCode) -> Verdict {
        guard header.hasProducer, let entry = entries[header.producerID] else { return .accept }
        guard header.producerEpoch >= entry.epoch else { throw .invalidProducerEpoch }
        guard header.producerEpoch == entry.epoch else {
            guard header.baseSequence == 0 else { throw .outOfOrderSequenceNumber }
            return .accept
        }
        if let seen = entry.batches.first(where: {
            $0.firstSequence == header.baseSequence && $0.lastSequence == header.lastSequence
        }) {
            return .duplicate(baseOffset: seen.baseOffset)
        }
        if let last = entry.batches.last {
            guard header.baseSequence == RecordBatchHeader.advance(last.lastSequence, by: 1) else {
                throw .outOfOrderSequenceNumber
            }
        }
        if entry.openSince != nil, !header.isTransactional { throw .invalidTransactionState }
        return .accept
    }

    /// Takes a data batch into account that has been appended.
    mutating func append(_ header: RecordBatchHeader) {
        guard header.hasProducer else { return }
        var entry = entries[header.producerID] ?? Entry(epoch: header.producerEpoch)
        if entry.epoch != header.producerEpoch {
            entry.epoch = header.producerEpoch
            entry.batches = []
        }
        entry.batches.append(
            Batch(
                firstSequence: header.baseSequence, lastSequence: header.lastSequence, baseOffset: header.baseOffset))
        if entry.batches.count > Self.rememberedBatches { entry.batches.removeFirst() }
        if header.isTransactional, entry.openSince == nil {
            entry.openSince = header.baseOffset
            open[header.producerID] = header.baseOffset
        }
        entries[header.producerID] = entry
    }

    /// Takes a marker into account that has been appended. A newer epoch in it fences the producer's older writes.
    mutating func end(_ header: RecordBatchHeader, outcome: TransactionOutcome) {
        var entry = entries[header.producerID] ?? Entry(epoch: header.producerEpoch)
        if header.producerEpoch > entry.epoch {
            entry.epoch = header.producerEpoch
            entry.batches = []
        }
        if let firstOffset = entry.openSince, outcome == .abort {
            aborted.append(
                AbortedTransaction(
                    producerID: header.producerID, firstOffset: firstOffset, lastOffset: header.baseOffset))
        }
        entry.openSince = nil
        entries[header.producerID] = entry
        open[header.producerID] = nil
    }

    /// Aborted transactions with records in the range of offsets.
    func aborted(overlapping range: Range<Int64>) -> [AbortedTransaction] {
        // Markers are appended in order, so the list is sorted by last offset.
        let first = aborted.partitioningIndex { $0.lastOffset >= range.lowerBound }
        return aborted[first...].filter { $0.firstOffset < range.upperBound }
    }

    /// Forgets aborted transactions that ended before the log's start.
    mutating func forget(before logStartOffset: Int64) {
        aborted.removeFirst(aborted.partitioningIndex { $0.lastOffset >= logStartOffset })
    }
}
