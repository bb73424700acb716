// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A walk through a segment's batches, from its start or from where a checkpoint ends, to what they say together.
struct SegmentScan {
    /// Larger damage is not looked into for what it tells about its producer.
    private static let largestTold = 4 << 20

    private(set) var summary: SegmentSummary
    private(set) var index: SparseIndex
    private(set) var ledger: ProducerLedger
    /// What cannot be read, with sound batches behind it.
    private(set) var damage: [DamagedRange] = []
    /// Bytes at the end of the last segment that are no whole, sound batches.
    private(set) var leftover = 0

    /// Starts at the beginning of a segment, with the producers as they were at the end of the one before.
    init(baseOffset: Int64, ledger: ProducerLedger) {
        summary = SegmentSummary(baseOffset: baseOffset)
        index = SparseIndex()
        self.ledger = ledger
    }

    /// Goes on where a checkpoint ends.
    init(after checkpoint: CheckpointFile) throws {
        summary = checkpoint.head.summary
        index = try checkpoint.index()
        ledger = try checkpoint.ledger()
        ledger.restore(aborted: try checkpoint.aborted())
    }

    var checkpoint: SegmentCheckpoint { SegmentCheckpoint(summary: summary, index: index, ledger: ledger) }

    /// Walks to the end of the segment.
    ///
    /// The broker's clock at the time of a batch is not known any more; `now` stands for it.
    /// - Parameter endOffset: The offset that the next segment begins with; nil for the last segment, at whose end
    ///   alone bytes may be left over.
    mutating func run(_ file: LogFile, endOffset: Int64?, now: Int64) throws(StorageError) {
        try run(file, size: try file.size(), endOffset: endOffset, now: now)
    }

    /// Walks through the first so many bytes of a segment.
    mutating func run(_ file: LogFile, size: Int, endOffset: Int64?, now: Int64) throws(StorageError) {
        guard summary.size < size else { return }
        var walk = SegmentWalk(file, summary.size..<size, nextOffset: summary.endOffset, endOffset: endOffset)
        var passed: Range<Int>?
        while let step = try walk.next() {
            switch step {
            case .damage(let bytes): passed = bytes
            case .batch(let header, let batch, let position):
                if let bytes = passed.take() { try pass(bytes, of: file, until: header.baseOffset, now: now) }
                summary.pass(to: position)
                note(header, batch, now: now)
            case .rest(let position):
                guard let endOffset else {
                    leftover = size - position
                    return
                }
                try pass(position..<size, of: file, until: endOffset, now: now)
                summary.endOffset = endOffset
            }
        }
    }

    private mutating func pass(
        _ bytes: Range<Int>, of file: LogFile, until nextOffset: Int64, now: Int64
    ) throws(StorageError) {
        damage.append(
            DamagedRange(offsets: summary.endOffset..<nextOffset, path: file.path, bytes: bytes))
        if bytes.count <= Self.largestTold {
            noteDamaged(try file.read(at: bytes.lowerBound, count: bytes.count), until: nextOffset, now: now)
        }
        summary.pass(to: bytes.upperBound)
    }

    /// A damaged batch whose head still fits its place and its producer tells that the producer wrote it: otherwise
    /// what the producer sends next would be out of order, and a transaction that it ended would go on.
    private mutating func noteDamaged(_ batch: ByteBuffer, until nextOffset: Int64, now: Int64) {
        guard let header = RecordBatchHeader(batch, at: batch.readerIndex), header.magic == 2,
            header.totalSize == batch.readableBytes, header.baseOffset == summary.endOffset,
            header.lastOffset == nextOffset - 1, let producer = ledger.entries[header.producerID],
            producer.epoch == header.producerEpoch
        else { return }
        if header.isControl {
            guard producer.openSince != nil, let outcome = ControlBatch.likelyOutcome(of: batch, header) else { return }
            ledger.end(header, outcome: outcome, now: now)
        } else if let last = producer.batches.last,
            header.baseSequence == RecordBatchHeader.advance(last.lastSequence, by: 1)
        {
            ledger.append(header, now: now)
        }
    }

    private mutating func note(_ header: RecordBatchHeader, _ batch: ByteBuffer, now: Int64) {
        index.note(header, after: summary)
        summary.note(header)
        if !header.isControl {
            ledger.append(header, now: now)
        } else if let outcome = ControlBatch.outcome(of: batch) {
            ledger.end(header, outcome: outcome, now: now)
        }
    }
}

extension RecordBatchHeader {
    /// Whether the batch's checksum is right.
    func isIntact(_ batch: ByteBuffer) -> Bool {
        batch.withUnsafeReadableBytes {
            CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[Self.checksumStart...]))
        } == checksum
    }
}
