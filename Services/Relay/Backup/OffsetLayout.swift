// SPDX-License-Identifier: Apache-2.0

import Kafka

/// The records of one partition in their order, and the holes between them. Pure.
///
/// A partition has holes where readers see nothing: markers that end transactions, records of aborted ones, and what
/// retention or compaction removed.
struct OffsetLayout {
    /// Records and bytes that are taken at once.
    static let mostRecords = 500
    static let mostBytes = 256 * 1024

    /// Where the next record will be.
    private(set) var position: Int64 = 0
    /// How many offsets have to be there, and be deleted, before anything else is written.
    let filled: Int64
    private let end: Int64
    private let keepsOffsets: Bool
    private var recordsLeft: Int64
    private var ahead: StoredRecord?
    private let read: () throws -> StoredRecord?

    /// - Parameters:
    ///   - records: how many `read` gives.
    ///   - read: gives the records in their order, then nil.
    init(
        begin: Int64, end: Int64, records: Int, keepsOffsets: Bool, read: @escaping () throws -> StoredRecord?
    ) throws {
        self.end = end
        self.keepsOffsets = keepsOffsets
        self.read = read
        recordsLeft = Int64(records)
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

    /// Holes between the position and the next record, or the end.
    var holesAhead: Int64 { keepsOffsets ? (ahead?.offset ?? end) - position : 0 }

    /// Holes between the position and the end.
    var holesLeft: Int64 { keepsOffsets ? end - position - recordsLeft : 0 }

    /// Goes on behind some of the holes ahead.
    mutating func pass(_ holes: Int64) { position += holes }

    /// Takes records that follow each other without a hole, and goes on behind them; none at a hole and at the end.
    mutating func take() throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        var bytes = 0
        while let record = ahead, records.count < Self.mostRecords, bytes < Self.mostBytes,
            !keepsOffsets || record.offset == position + Int64(records.count)
        {
            records.append(record)
            bytes += record.size
            ahead = try read()
        }
        position += Int64(records.count)
        recordsLeft -= Int64(records.count)
        return records
    }
}
