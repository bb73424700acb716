// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What a partition knows of its producers: the last batches of each, open transactions, aborted ones.
///
/// A value without I/O: rebuilt by replaying the partition's batches.
struct ProducerLedger: Equatable, Sendable {
    /// Batches of a producer that are remembered, as many as an idempotent client keeps in flight.
    static let rememberedBatches = 5

    struct Batch: Equatable, Sendable {
        var firstSequence: Int32
        var lastSequence: Int32
        var baseOffset: Int64

        var lastOffset: Int64 {
            // Sequence numbers wrap to zero; the distance between two does not.
            baseOffset + (Int64(lastSequence) - Int64(firstSequence)) & Int64(Int32.max)
        }
    }

    struct Entry: Equatable, Sendable {
        var epoch: Int16
        /// When the producer last wrote, by the broker's clock; milliseconds since 1970.
        var lastSeen: Int64 = 0
        var batches: [Batch] = []
        var openSince: Int64?
    }

    struct AbortedTransaction: Equatable, Sendable {
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
    /// Those that no segment's checkpoint describes yet, in the order of their ends.
    private(set) var aborted: [AbortedTransaction] = []
    /// Producers with an open transaction, and the offset of its first record.
    private(set) var open: [Int64: Int64] = [:]

    /// Transactions whose markers may not be visible yet, in the order of their ends.
    private var ended: [EndedTransaction] = []

    private struct EndedTransaction: Equatable {
        var firstOffset: Int64
        var lastOffset: Int64
    }

    /// The first offset of the oldest open transaction.
    var firstOpenOffset: Int64? { open.values.min() }

    /// The first offset of the oldest transaction of which readers up to `highWatermark` do not see the marker.
    func firstUnstableOffset(highWatermark: Int64) -> Int64? {
        let unseen = ended.lazy.filter { $0.lastOffset >= highWatermark }.map(\.firstOffset).min()
        guard let firstOpenOffset else { return unseen }
        return min(firstOpenOffset, unseen ?? .max)
    }

    /// Says that readers see the markers before an offset.
    mutating func showed(upTo highWatermark: Int64) {
        ended.removeFirst(ended.partitioningIndex { $0.lastOffset >= highWatermark })
    }

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
    mutating func append(_ header: RecordBatchHeader, now: Int64) {
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
        entry.lastSeen = now
        if header.isTransactional, entry.openSince == nil {
            entry.openSince = header.baseOffset
            open[header.producerID] = header.baseOffset
        }
        entries[header.producerID] = entry
    }

    /// Takes a marker into account that has been appended. A newer epoch in it fences the producer's older writes.
    mutating func end(_ header: RecordBatchHeader, outcome: TransactionOutcome, now: Int64) {
        var entry = entries[header.producerID] ?? Entry(epoch: header.producerEpoch)
        if header.producerEpoch > entry.epoch {
            entry.epoch = header.producerEpoch
            entry.batches = []
        }
        if let firstOffset = entry.openSince {
            ended.append(EndedTransaction(firstOffset: firstOffset, lastOffset: header.baseOffset))
            if outcome == .abort {
                aborted.append(
                    AbortedTransaction(
                        producerID: header.producerID, firstOffset: firstOffset, lastOffset: header.baseOffset))
            }
        }
        entry.openSince = nil
        entry.lastSeen = now
        entries[header.producerID] = entry
        open[header.producerID] = nil
    }

    /// Aborted transactions with records in the range of offsets.
    func aborted(overlapping range: Range<Int64>) -> [AbortedTransaction] {
        // Markers are appended in order, so the list is sorted by last offset.
        let first = aborted.partitioningIndex { $0.lastOffset >= range.lowerBound }
        return aborted[first...].filter { $0.firstOffset < range.upperBound }
    }

    /// Forgets aborted transactions that ended before an offset: before the log's start, or described elsewhere.
    mutating func forgetAborted(before offset: Int64) {
        aborted.removeFirst(aborted.partitioningIndex { $0.lastOffset >= offset })
    }

    /// Takes back what a checkpoint says was aborted in its segment.
    mutating func restore(aborted: [AbortedTransaction]) { self.aborted = aborted }

    /// Forgets producers that have not written for long; a producer with an open transaction stays.
    mutating func forgetProducers(where isExpired: (Entry) -> Bool) {
        entries = entries.filter { $0.value.openSince != nil || !isExpired($0.value) }
    }
}

extension ProducerLedger {
    /// The producers as bytes; aborted transactions are kept elsewhere.
    var encoded: ByteBuffer {
        var bytes = ByteBuffer()
        for (id, entry) in entries.sorted(by: { $0.key < $1.key }) {
            bytes.writeMultipleIntegers(id, entry.epoch, entry.lastSeen, entry.openSince ?? -1)
            bytes.writeInteger(UInt8(entry.batches.count))
            for batch in entry.batches {
                bytes.writeMultipleIntegers(batch.firstSequence, batch.lastSequence, batch.baseOffset)
            }
        }
        return bytes
    }

    /// Nil when the bytes are not what `encoded` makes.
    init?(_ bytes: ByteBuffer) {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            guard let (id, epoch, seen, since) = bytes.readMultipleIntegers(as: (Int64, Int16, Int64, Int64).self),
                let count = bytes.readInteger(as: UInt8.self)
            else { return nil }
            var entry = Entry(epoch: epoch, lastSeen: seen)
            for _ in 0..<count {
                guard let (first, last, base) = bytes.readMultipleIntegers(as: (Int32, Int32, Int64).self) else {
                    return nil
                }
                entry.batches.append(Batch(firstSequence: first, lastSequence: last, baseOffset: base))
            }
            if since >= 0 {
                entry.openSince = since
                open[id] = since
            }
            entries[id] = entry
        }
    }
}
