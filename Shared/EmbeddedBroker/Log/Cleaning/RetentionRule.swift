// SPDX-License-Identifier: Apache-2.0

/// How much of a log is kept. Whole segments go, from the log's start on.
struct RetentionRule: Equatable, Sendable {
    /// Segments whose newest record is older go; nil keeps records of any age.
    var milliseconds: Int64?
    /// As many of the oldest segments go as leave at least so many bytes; nil sets no bound.
    var bytes: Int?

    struct Decision: Equatable {
        /// The log's new start; nil when nothing goes.
        var newStart: Int64?
        /// Whether the active segment goes too, which must be closed for it.
        var takesActive = false
    }

    /// Decides about a log with these segments, the last of which is active.
    ///
    /// - Parameter limit: nothing at or after this offset goes.
    func decide(_ segments: [SegmentSummary], limit: Int64, now: Int64) -> Decision {
        var surplus = segments.reduce(0) { $0 + $1.size } - (bytes ?? .max)
        let count = segments.prefix { segment in
            surplus -= segment.size
            let isSurplus = surplus >= 0 && segment.baseOffset != segments.last?.baseOffset
            return segment.endOffset <= limit && (isSurplus || isExpired(segment, now: now))
        }.count
        guard count > 0 else { return Decision() }
        let takesActive = count == segments.count
        // An empty active segment is all that may be left.
        if takesActive, segments[count - 1].size == 0 {
            return count == 1 ? Decision() : Decision(newStart: segments[count - 1].baseOffset)
        }
        return Decision(
            newStart: takesActive ? segments[count - 1].endOffset : segments[count].baseOffset,
            takesActive: takesActive)
    }

    private func isExpired(_ segment: SegmentSummary, now: Int64) -> Bool {
        guard let milliseconds else { return false }
        guard segment.maxTimestamp >= 0 else { return segment.size == 0 }
        return now - min(now, segment.maxTimestamp) > milliseconds
    }
}
