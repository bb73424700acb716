// SPDX-License-Identifier: Apache-2.0

/// How one partition is written so that each record gets the offset that it had. Pure.
///
/// A hole is made of a filler: a record of a transaction that stays open over all partitions, while the records of the
/// backup are written between its fillers by another producer. When it is aborted, nobody ever sees the fillers, and
/// its marker takes one offset more in each partition that has some: that is the last hole of a run of holes. So
/// thousands of holes cost one transaction. A partition with a single hole to its end needs no filler: the records
/// before it are written in a transaction that commits, and the hole is its marker.
struct RestoreCourse {
    /// What is written next.
    enum Move: Equatable {
        /// Outside any transaction.
        case records([StoredRecord])
        /// Into the open transaction.
        case fillers(Int)
    }

    /// Why nothing is written for now.
    enum Stop: Equatable {
        case done
        /// Until the open transaction was aborted.
        case abortion
        /// Until these were committed.
        case commit([StoredRecord])
        /// Until another transaction is open.
        case pause
    }

    static let mostFillers: Int64 = 10_000

    private(set) var layout: OffsetLayout
    private(set) var stop: Stop?
    /// Whether the open transaction has fillers of this partition.
    private var hasFillers = false

    init(_ layout: OffsetLayout) { self.layout = layout }

    /// The next move; nil when `stop` says why there is none.
    /// - Parameter isEnding: Whether the open transaction is to end soon.
    mutating func next(isEnding: Bool) throws -> Move? {
        guard stop == nil else { return nil }
        guard layout.holesAhead > 0 else { return try nextRecords() }
        let isLast = layout.holesAhead == layout.holesLeft
        let endsHere = isLast || (isEnding && hasFillers)
        let holes = min(layout.holesAhead - (endsHere ? 1 : 0), Self.mostFillers)
        guard holes > 0, endsHere || !isEnding else {
            stop = endsHere ? .abortion : .pause
            return nil
        }
        layout.pass(holes)
        hasFillers = true
        return .fillers(Int(holes))
    }

    private mutating func nextRecords() throws -> Move? {
        let records = try layout.take()
        if records.isEmpty {
            stop = .done
        } else if layout.holesAhead == 1, layout.holesLeft == 1, !hasFillers {
            stop = .commit(records)
        } else {
            return .records(records)
        }
        return nil
    }

    /// The transaction that it stopped for has ended, with a marker in this partition if it had a part in it.
    mutating func goOn() {
        switch stop {
        case .abortion, .commit: layout.pass(1)
        case .done: return
        case .pause, nil: break
        }
        hasFillers = false
        stop = nil
    }
}
