// SPDX-License-Identifier: Apache-2.0

/// The text that travels beside a committed offset: `1:` and the finished ranges above the offset, relative to it, both
/// ends included, as in `1:2-5,9-9`.
enum OffsetMapText {
    private static let version = "1:"

    static func encode(_ map: OffsetMap) -> String {
        let base = map.committed
        let ranges = map.finishedAbove.map { "\($0.lowerBound - base)-\($0.upperBound - 1 - base)" }
        return version + ranges.joined(separator: ",")
    }

    /// Reads a text; nil when it is of another version or not ours. No text is an empty map.
    static func decode(_ text: String?, committed: Int64) -> OffsetMap? {
        guard let text, !text.isEmpty else { return OffsetMap(startingAt: committed) }
        guard text.hasPrefix(version), committed >= 0 else { return nil }
        var ranges: [Range<Int64>] = []
        var previous: Int64 = -1
        for part in text.dropFirst(version.count).split(separator: ",", omittingEmptySubsequences: true) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
            guard ends.count == 2, let first = ends[0], let last = ends[1], first > previous, last >= first else {
                return nil
            }
            let (upper, overflow) = committed.addingReportingOverflow(last)
            guard !overflow, upper < Int64.max else { return nil }
            ranges.append(committed + first..<upper + 1)
            previous = last
        }
        return OffsetMap(startingAt: committed, finished: ranges)
    }

    /// The most bytes that a number of ranges within a span of offsets can take.
    static func largestBytes(ranges: Int, span: Int64) -> Int {
        let digits = String(max(0, span)).utf8.count
        return version.utf8.count + ranges * (2 * digits + 2)
    }
}
