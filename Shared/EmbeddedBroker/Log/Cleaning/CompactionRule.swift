// SPDX-License-Identifier: Apache-2.0

/// When a log is compacted, and which of its segments together.
struct CompactionRule: Equatable, Sendable {
    /// The part of the log's bytes that must be new since the last time.
    var minimumDirtyRatio = 0.5
    /// Segments with a younger record are left alone.
    var minimumLagMilliseconds: Int64 = 0
    /// An older record is compacted whatever the ratio.
    var maximumLagMilliseconds = Int64.max
    /// How long tombstones and markers stay after they were compacted for the first time.
    var deleteRetentionMilliseconds: Int64 = 86_400_000
    var segmentBytes = 64 << 20

    struct Plan: Equatable, Sendable {
        /// The numbers of the segments that become one each.
        var groups: [Range<Int>]
        /// The first segment with records that no compaction has seen.
        var firstDirty: Int
        /// One past the last segment that is compacted.
        var end: Int { groups.last?.upperBound ?? 0 }
    }

    /// Plans the compaction of closed segments; nil when it is not time for one.
    ///
    /// - Parameter limit: the last stable offset: what lies after it is not decided yet.
    func plan(_ segments: [SegmentSummary], limit: Int64, now: Int64) -> Plan? {
        let lagLimit = minimumLagMilliseconds == 0 ? Int64.max : now - min(now, minimumLagMilliseconds)
        let cleanable = segments.prefix { $0.endOffset <= limit && $0.maxTimestamp < lagLimit }
        let firstDirty = cleanable.firstIndex { !$0.isCompacted } ?? cleanable.count
        let dirty = cleanable[firstDirty...]
        let dirtyBytes = dirty.reduce(0) { $0 + $1.size }
        let bytes = cleanable.reduce(0) { $0 + $1.size }
        let isDirtyEnough = dirtyBytes > 0 && Double(dirtyBytes) > minimumDirtyRatio * Double(bytes)
        let oldest = dirty.filter { $0.firstTimestamp >= 0 }.map(\.firstTimestamp).min()
        let isOverdue = oldest.map { now - min(now, $0) > maximumLagMilliseconds } ?? false
        let hasToDelete = cleanable.contains { $0.deleteHorizon <= now }
        guard isDirtyEnough || isOverdue || hasToDelete else { return nil }
        return Plan(groups: groups(cleanable), firstDirty: firstDirty)
    }

    private func groups(_ segments: ArraySlice<SegmentSummary>) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var bytes = 0
        for (number, segment) in segments.enumerated() {
            if let group = groups.last, bytes + segment.size <= segmentBytes,
                segment.endOffset - segments[group.lowerBound].baseOffset <= Int64(Int32.max)
            {
                groups[groups.count - 1] = group.lowerBound..<(number + 1)
                bytes += segment.size
            } else {
                groups.append(number..<(number + 1))
                bytes = segment.size
            }
        }
        return groups
    }
}
