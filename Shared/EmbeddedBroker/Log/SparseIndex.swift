// SPDX-License-Identifier: Apache-2.0

/// Where some of a segment's batches begin: one entry for at least so many bytes.
struct SparseIndex: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        var baseOffset: Int64
        var position: Int
        /// The largest timestamp in the segment before this position.
        var earlierMaxTimestamp: Int64
    }

    private static let interval = 4096

    private(set) var entries: [Entry] = []
    private var bytesSinceEntry = SparseIndex.interval

    init() {}

    init(_ entries: [Entry]) { self.entries = entries }

    /// Takes a batch into account that follows what `summary` describes.
    mutating func note(_ header: RecordBatchHeader, after summary: SegmentSummary) {
        if bytesSinceEntry >= Self.interval {
            entries.append(
                Entry(
                    baseOffset: header.baseOffset, position: summary.size, earlierMaxTimestamp: summary.maxTimestamp))
            bytesSinceEntry = 0
        }
        bytesSinceEntry += header.totalSize
    }

    /// The last entry at or before an offset.
    func entry(atOrBefore offset: Int64) -> Entry? { entry { $0.baseOffset > offset } }

    /// The last entry for which `isAfter` is false.
    func entry(before isAfter: (Entry) -> Bool) -> Entry? {
        let after = entries.partitioningIndex(where: isAfter)
        return after == 0 ? nil : entries[after - 1]
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first index whose element satisfies a predicate that holds for all elements after it.
    func partitioningIndex(where isAfter: (Element) throws -> Bool) rethrows -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if try isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
