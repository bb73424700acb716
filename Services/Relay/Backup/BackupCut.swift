// SPDX-License-Identifier: Apache-2.0

import Kafka

/// Where a backup cuts through all partitions, and what the groups had done by then.
///
/// The relay writes what follows from a record, and that the record is done, in one transaction. A cut is right when
/// each transaction is before it with everything or behind it with everything; else what was done would be done
/// again after a restore, or never. Kafka has no snapshot over partitions, so the cut looks twice and is taken only
/// where the relay stood still in between:
///
/// 1. the ends of all partitions, of committed records and of all records;
/// 2. the groups' offsets, transactions that are being decided waited for;
/// 3. the ends once more.
///
/// When no topic of transactions has moved from 1 to 3, and none had an open transaction, then whatever was decided
/// before 1 is before the cut with its records, and with its offsets, which 2 saw. Whatever was decided between 1 and
/// 3 would have moved an end, unless it wrote offsets alone, of records that call for nothing.
struct BackupCut: Sendable, Equatable {
    /// The ends of partitions at one look.
    struct Ends: Sendable, Equatable {
        /// Behind the last committed record that no open transaction precedes.
        var stable: [TopicPartition: Int64]
        /// Behind the last record of any kind.
        var high: [TopicPartition: Int64]
    }

    /// How far each partition is backed up.
    var ends: [TopicPartition: Int64]

    /// Takes the cut, or says what was in motion.
    static func take(
        before: Ends, after: Ends, isFree: (String) -> Bool
    ) -> Result<BackupCut, InMotion> {
        let still = after.high.keys.filter { !isFree($0.topic) }.sorted()
        let moved = still.filter { before.high[$0] != after.high[$0] }
        let open = still.filter { before.stable[$0] != before.high[$0] || after.stable[$0] != after.high[$0] }
        guard moved.isEmpty, open.isEmpty else { return .failure(InMotion(moved: moved, open: open)) }
        // A free topic may have been read, and that committed, up to its later end.
        return .success(BackupCut(ends: after.stable))
    }

    /// Why there was no cut.
    struct InMotion: Error, Equatable {
        /// Records were written to these.
        var moved: [TopicPartition]
        /// Transactions were open in these.
        var open: [TopicPartition]

        /// The topics by name.
        var topics: [String] { Set((moved + open).map(\.topic)).sorted() }
    }
}
