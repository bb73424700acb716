// SPDX-License-Identifier: Apache-2.0

/// Bytes of a log that are no sound batches, with sound ones behind them. They stay where they are until somebody says
/// that they be set aside; nothing behind them is touched.
struct DamagedRange: Equatable, Sendable {
    /// What the bytes may have held.
    var offsets: Range<Int64>
    /// The segment's file.
    var path: String
    /// Where in the file they lie.
    var bytes: Range<Int>
}

extension DamagedRange: CustomStringConvertible {
    var description: String {
        let last = offsets.count > 1 ? " to \(offsets.upperBound - 1)" : ""
        let span = "offset\(last.isEmpty ? "" : "s") \(offsets.lowerBound)\(last)"
        return "\(span), bytes \(bytes.lowerBound)..<\(bytes.upperBound) of \(path)"
    }
}

/// Somebody asked for an offset whose batch is damaged.
struct DamagedOffset: Error {
    var range: DamagedRange
}

/// Bytes were taken for a batch and are none; where the damage begins and ends is to be found out.
struct UnsoundSegment: Error {
    var path: String
}
