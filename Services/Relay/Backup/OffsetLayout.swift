// SPDX-License-Identifier: Apache-2.0

import Kafka

/// Lays the records of one partition out again so that each gets the offset that it had. Pure.
///
/// A partition has holes where readers see nothing: markers that end transactions, records of aborted ones, and what
/// retention or compaction removed. They are made again of the same stuff:
///
/// - before the oldest offset that was kept: any records, which are deleted at once;
/// - one hole: the marker of a transaction that commits the records before it;
/// - two or more: an aborted transaction, whose marker is the last of them.
struct OffsetLayout {
    /// What is to be written next.
    enum Step: Equatable {
        /// Records, without a transaction.
        case records([StoredRecord])
        /// Records in a transaction; its marker takes one offset more.
        case committed([StoredRecord])
        /// Records that are aborted; the marker takes one offset more.
        case aborted(Int)
    }

    /// Records and bytes of one step.
    static let mostRecords = 500
    static let mostBytes = 256 * 1024
    static let mostHoles: Int64 = 10_000

    /// Where the next record will be.
    private(set) var position: Int64 = 0
    /// How many offsets have to be there, and be deleted, before anything else is written.
    let filled: Int64
    private let end: Int64
    private let keepsOffsets: Bool
    private var ahead: StoredRecord?
    private let read: () throws -> StoredRecord?

    /// - Parameters:
    ///   - read: gives the records in their order, then nil.
    init(begin: Int64, end: Int64, keepsOffsets: Bool, read: @escaping () throws -> StoredRecord?) throws {
        self.end = end
        self.keepsOffsets = keepsOffsets
        self.read = read
        ahead = try read()
        guard keepsOffsets else {
            // Readers are to know that something was there, where something was.
            filled = begin > 0 ? 1 : 0
            position = filled
            return
        }
        let first = ahead?.offset ?? end
        // A single hole with nothing before it can only be a deleted record.
        filled = ahead == nil || first - begin == 1 ? first : begin
        position = filled
    }

    /// The next step; nil when the partition is as it was.
    mutating func next() throws -> Step? {
        if let holes = holes(), holes > 0 {
            position += holes
            return .aborted(Int(holes - 1))
        }
        let records = try run()
        guard !records.isEmpty else { return nil }
        position += Int64(records.count)
        guard keepsOffsets, (ahead?.offset ?? end) - position == 1 else { return .records(records) }
        position += 1
        return .committed(records)
    }

    /// How many of the holes at the position one step makes; never so that a single one is left.
    private func holes() -> Int64? {
        guard keepsOffsets else { return nil }
        let holes = (ahead?.offset ?? end) - position
        return holes > Self.mostHoles + 1 ? Self.mostHoles : holes
    }

    /// Takes records that follow each other without a hole.
    private mutating func run() throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        var bytes = 0
        while let record = ahead, records.count < Self.mostRecords, bytes < Self.mostBytes,
            !keepsOffsets || record.offset == position + Int64(records.count)
        {
            records.append(record)
            bytes += record.size
            ahead = try read()
        }
        return records
    }
}
