// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The batches of one partition: segments on disk and what was derived from them.
final class PartitionLog {
    struct Limits {
        var segmentBytes = 64 << 20
    }

    let directory: String
    var limits: Limits
    private(set) var segments: [Segment]
    private(set) var producers = ProducerLedger()
    private(set) var logStartOffset: Int64
    /// Segment files with writes that have not been handed to a sync.
    private var unsynced: [LogFile] = []

    /// Offset of the next batch.
    var endOffset: Int64 { active.endOffset }
    var size: Int { segments.reduce(0) { $0 + $1.size } }
    private var active: Segment { segments[segments.count - 1] }

    /// Opens the partition in a directory, cutting a torn batch at its end.
    init(directory: String, startOffset: Int64 = 0, limits: Limits = Limits()) throws {
        self.directory = directory
        self.limits = limits
        try Directory.create(directory)
        let bases = try Directory.entries(directory).compactMap(Segment.baseOffset(fileName:)).sorted()
        segments = []
        logStartOffset = startOffset
        for base in bases {
            segments.append(try Segment(directory: directory, baseOffset: base))
        }
        if segments.isEmpty {
            segments = [try Segment(directory: directory, baseOffset: startOffset)]
            try Directory.sync(directory)
        }
        logStartOffset = max(startOffset, segments[0].baseOffset)
        for (index, segment) in segments.enumerated() {
            try LogRecovery.recover(segment, verify: index == segments.count - 1) { header, outcome in
                if let outcome { producers.end(header, outcome: outcome) } else { producers.append(header) }
            }
        }
        producers.forget(before: logStartOffset)
    }

    /// The files written since the last call, for the caller to sync.
    func takeUnsynced() -> [LogFile] {
        defer { unsynced = [] }
        return unsynced
    }

    /// Appends a checked batch and returns the offset of its first record.
    func append(_ batch: ByteBuffer, _ header: RecordBatchHeader) throws -> Int64 {
        let placed = try write(batch, header)
        producers.append(placed)
        return placed.baseOffset
    }

    /// Appends the marker that ends a producer's transaction here.
    func appendMarker(
        _ outcome: TransactionOutcome, producerID: Int64, producerEpoch: Int16, timestamp: Int64
    ) throws {
        let batch = ControlBatch.marker(
            outcome, producerID: producerID, producerEpoch: producerEpoch, timestamp: timestamp)
        guard let header = RecordBatchHeader(batch, at: batch.readerIndex) else { return }
        producers.end(try write(batch, header), outcome: outcome)
    }

    private func write(_ batch: ByteBuffer, _ header: RecordBatchHeader) throws -> RecordBatchHeader {
        if active.size > 0, active.size + header.totalSize > limits.segmentBytes {
            segments.append(try Segment(directory: directory, baseOffset: endOffset))
            try Directory.sync(directory)
        }
        var placed = header
        placed.baseOffset = endOffset
        try active.append(batch, header: placed)
        if unsynced.last !== active.file { unsynced.append(active.file) }
        return placed
    }

    /// Moves the start of the log; segments that end before it are deleted.
    func deleteRecords(before offset: Int64) throws {
        guard offset > logStartOffset else { return }
        logStartOffset = offset
        while segments.count > 1, segments[1].baseOffset <= offset {
            try Directory.remove(segments[0].file.path)
            segments.removeFirst()
        }
        producers.forget(before: offset)
    }
}
