// SPDX-License-Identifier: Apache-2.0

/// Which offsets of one partition are finished, when work ends in another order than it was read in.
///
/// Known are the offsets that were taken and are not finished; all others before the read position are finished or
/// were never records (transaction markers and aborted records leave gaps). `committed` is the lowest unfinished
/// offset; the finished ranges above it travel as text beside it in the commit, so that no work runs twice.
struct OffsetMap: Sendable, Equatable {
    /// Kafka keeps 4,096 bytes of text beside an offset by default; a part is left for what others may add.
    static let maximumTextBytes = 3_500

    /// What became of a taken offset.
    enum Arrival: Sendable, Equatable {
        case unfinished
        /// It was finished before a restart or rebalance.
        case finishedBefore
    }

    /// Taken and not finished, ascending.
    private(set) var unfinished: [Int64] = []
    /// The offset behind the last one taken.
    private(set) var position: Int64
    /// Finished before this session and not yet read again; disjoint, ascending, above `position`.
    private(set) var ahead: [Range<Int64>]

    /// Nothing taken yet.
    init(startingAt offset: Int64 = 0, finished: [Range<Int64>] = []) {
        position = offset
        ahead = finished.filter { $0.upperBound > offset }
    }

    /// Everything before it is finished.
    var committed: Int64 {
        if let lowest = unfinished.first { return lowest }
        guard let next = ahead.first, next.contains(position) else { return position }
        return next.upperBound
    }

    /// The finished ranges above `committed`, ascending, with a gap between any two.
    var finishedAbove: [Range<Int64>] {
        var ranges: [Range<Int64>] = []
        for (index, offset) in unfinished.enumerated() {
            let end = index + 1 < unfinished.count ? unfinished[index + 1] : position
            if offset + 1 < end { ranges.append(offset + 1..<end) }
        }
        let base = committed
        for range in ahead where range.upperBound > base {
            if let last = ranges.last, last.upperBound == range.lowerBound, !unfinished.isEmpty {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
        }
        return ranges
    }

    /// Whether one more offset may be unfinished: whatever ends in whatever order, the text must fit.
    func hasRoom(for offset: Int64, maximumTextBytes: Int = maximumTextBytes) -> Bool {
        guard let lowest = unfinished.first else { return true }
        // Each unfinished offset has at most one finished range behind it; ranges known before come on top.
        let ranges = unfinished.count + 1 + ahead.count
        let highest = max(offset + 1, ahead.last?.upperBound ?? 0)
        return OffsetMapText.largestBytes(ranges: ranges, span: highest - lowest) <= maximumTextBytes
    }

    /// Notes that a record was read. Offsets come in ascending order.
    mutating func take(_ offset: Int64) -> Arrival {
        precondition(offset >= position, "offset \(offset) was taken before")
        position = offset + 1
        let wasFinished = ahead.contains { $0.contains(offset) }
        if !wasFinished { unfinished.append(offset) }
        ahead = ahead.compactMap { range in
            range.upperBound <= position ? nil : max(range.lowerBound, position)..<range.upperBound
        }
        return wasFinished ? .finishedBefore : .unfinished
    }

    /// Notes that an offset needs no more work. One that is not unfinished changes nothing.
    mutating func finish(_ offset: Int64) {
        guard let index = unfinished.firstIndex(of: offset) else { return }
        unfinished.remove(at: index)
    }
}
