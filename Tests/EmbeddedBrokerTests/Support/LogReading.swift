// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import EmbeddedBroker

/// A record as a reader of a log gets it.
struct ReadRecord: Equatable, Comparable {
    var offset: Int64
    var key: String?
    var value: String?
    var timestamp: Int64

    static func < (left: ReadRecord, right: ReadRecord) -> Bool { left.offset < right.offset }
}

extension PartitionLog.Batches {
    /// The bytes, wherever they are.
    var bytes: ByteBuffer {
        do { return try piece.read() } catch {
            Issue.record(error)
            return ByteBuffer()
        }
    }
}

extension PartitionLog {
    /// All batches from an offset on, read piece by piece as a consumer does.
    func allBatches(from start: Int64? = nil, limit: Int64? = nil) throws -> [(RecordBatchHeader, ByteBuffer)] {
        var batches: [(RecordBatchHeader, ByteBuffer)] = []
        var offset = start ?? logStartOffset
        let limit = limit ?? endOffset
        while offset < limit {
            let piece = try read(from: offset, limit: limit, maxBytes: 2000, atLeastOne: true)
            guard piece.bytes.readableBytes > 0 else { break }
            for header in StoredBatches.headers(piece.bytes) {
                let position = batches.isEmpty || batches[batches.count - 1].0.baseOffset < header.baseOffset
                #expect(position, "batches come in order")
                var bytes = piece.bytes
                while let next = RecordBatchHeader(bytes, at: bytes.readerIndex), next != header {
                    bytes.moveReaderIndex(forwardBy: next.totalSize)
                }
                guard let batch = bytes.readSlice(length: header.totalSize) else {
                    Issue.record("A batch is cut")
                    continue
                }
                #expect(header.isIntact(batch))
                batches.append((header, batch))
            }
            offset = piece.endOffset
        }
        return batches
    }

    /// What a reader of committed records sees: as clients do it, with the list of aborted transactions.
    func committedRecords() throws -> [ReadRecord] {
        let limit = min(endOffset, producers.firstOpenOffset ?? .max)
        guard logStartOffset < limit else { return [] }
        var aborted = try aborted(overlapping: logStartOffset..<limit)[...]
        var aborting: Set<Int64> = []
        var records: [ReadRecord] = []
        for (header, batch) in try allBatches(limit: limit) {
            while let next = aborted.min(by: { $0.firstOffset < $1.firstOffset }), next.firstOffset <= header.lastOffset
            {
                aborting.insert(next.producerID)
                aborted.removeAll { $0 == next }
            }
            if header.isControl {
                if ControlBatch.outcome(of: batch) == .abort { aborting.remove(header.producerID) }
                continue
            }
            if header.isTransactional, aborting.contains(header.producerID) { continue }
            records += try Self.records(of: header, batch).filter { $0.offset >= logStartOffset }
        }
        return records
    }

    static func records(of header: RecordBatchHeader, _ batch: ByteBuffer) throws -> [ReadRecord] {
        guard case .records(var body) = RecordBatchBody.open(batch, header) else {
            Issue.record("A batch cannot be opened")
            return []
        }
        var records: [ReadRecord] = []
        while let record = RecordView.next(in: &body) {
            var content = record.content
            _ = content.readInteger(as: UInt8.self)
            let key = record.key.map { String(buffer: $0) }
            content.moveReaderIndex(forwardBy: key?.utf8.count ?? 0)
            // Lengths in these tests fit into one byte.
            let length = Int(content.readInteger(as: UInt8.self) ?? 0) / 2
            let value = record.hasValue ? content.readString(length: length) : nil
            records.append(
                ReadRecord(
                    offset: header.baseOffset + Int64(record.offsetDelta), key: key, value: value,
                    timestamp: header.baseTimestamp + record.timestampDelta))
        }
        #expect(records.count == Int(header.recordCount))
        return records
    }

    @discardableResult
    func append(_ batch: TestBatch) throws -> Int64 { try append(batch.bytes, try batch.header()) }

    /// Writes all checkpoints that are due, as the broker does in the background.
    func writeCheckpoints(bytes: Int = 1) throws {
        for job in takeCheckpoints(bytes: bytes) {
            guard case .written = job.run() else { throw StorageError("write", directory, errno: 0) }
            try checkpointEnded(job, wasWritten: true)
        }
    }

    /// Compacts at once what is due; false when nothing is.
    @discardableResult
    func compactNow(_ rule: CompactionRule, keyLimit: Int = 1000) throws -> Bool {
        try writeCheckpoints()
        let limit = min(endOffset, producers.firstOpenOffset ?? .max)
        guard let job = try compaction(rule, limit: limit, keyLimit: keyLimit) else { return false }
        for output in try job.run() { #expect(try replace(output.swap, with: output.summary)) }
        return true
    }
}
