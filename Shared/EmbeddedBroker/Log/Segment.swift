// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A file with consecutive batches of one partition, and a sparse index of them in memory.
final class Segment {
    /// One index entry for at least this many bytes of batches.
    private static let indexInterval = 4096

    struct IndexEntry {
        var baseOffset: Int64
        var position: Int
        /// The largest timestamp in the segment before this position.
        var earlierMaxTimestamp: Int64
    }

    let baseOffset: Int64
    let file: LogFile
    private(set) var size = 0
    /// One past the last offset in the segment.
    private(set) var endOffset: Int64
    private(set) var maxTimestamp: Int64 = -1
    private var index: [IndexEntry] = []
    private var bytesSinceEntry = Segment.indexInterval

    init(directory: String, baseOffset: Int64) throws(StorageError) {
        self.baseOffset = baseOffset
        endOffset = baseOffset
        file = try LogFile(path: "\(directory)/\(Self.fileName(baseOffset))")
    }

    static func fileName(_ baseOffset: Int64) -> String {
        let digits = String(baseOffset)
        return String(repeating: "0", count: max(0, 20 - digits.count)) + digits + ".log"
    }

    static func baseOffset(fileName: String) -> Int64? {
        guard fileName.hasSuffix(".log") else { return nil }
        return Int64(fileName.dropLast(4))
    }

    /// Writes a whole batch at the end. When the write fails (a full disk), the part written is cut off again.
    func append(_ batch: ByteBuffer, header: RecordBatchHeader) throws(StorageError) {
        do {
            // The head's first fields, with the offset that the batch has here, replace those that the client sent.
            let replaced = 16
            var head = ByteBuffer()
            head.writeInteger(header.baseOffset)
            head.writeInteger(Int32(header.totalSize - RecordBatchHeader.lengthOverhead))
            head.writeInteger(Int32(0))  // leader epoch
            var rest = batch
            rest.moveReaderIndex(forwardBy: replaced)
            try file.write(head, rest, at: size)
        } catch {
            try file.truncate(to: size)
            throw error
        }
        note(header)
    }

    /// Takes a batch at the end of the segment into account.
    func note(_ header: RecordBatchHeader) {
        if bytesSinceEntry >= Self.indexInterval {
            index.append(
                IndexEntry(baseOffset: header.baseOffset, position: size, earlierMaxTimestamp: maxTimestamp))
            bytesSinceEntry = 0
        }
        bytesSinceEntry += header.totalSize
        size += header.totalSize
        endOffset = header.lastOffset + 1
        maxTimestamp = max(maxTimestamp, header.maxTimestamp)
    }

    /// A position at or before the batch that holds an offset.
    func position(before offset: Int64) -> Int {
        let after = index.partitioningIndex { $0.baseOffset > offset }
        return after == 0 ? 0 : index[after - 1].position
    }

    /// A position at or before the first batch with a timestamp of at least the one given.
    func position(beforeTimestamp timestamp: Int64) -> Int {
        let after = index.partitioningIndex { $0.earlierMaxTimestamp >= timestamp }
        return after == 0 ? 0 : index[after - 1].position
    }
}

extension Array {
    /// The first index whose element satisfies a predicate that holds for all elements after it.
    func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
