// SPDX-License-Identifier: Apache-2.0

import Baton

/// The releases topic, folded: which baton's release serves a model now.
struct ReleaseLog: Sendable {
    private struct Entry {
        let record: ReleaseRecord
        /// Position of the newest record; positions only order.
        let order: Int
    }

    private var entries: [String: [BatonID: Entry]] = [:]
    private var order = 0

    /// Every model that ever had a release.
    var models: [String] { Array(entries.keys) }

    mutating func apply(_ record: ReleaseRecord) {
        order += 1
        entries[record.model, default: [:]][record.baton] = Entry(record: record, order: order)
    }

    /// The newest live release in log order: a withdrawn one brings back the one before it.
    func current(_ model: String) -> ReleaseRecord? {
        entries[model]?.values.filter { $0.record.status == .live }.max { $0.order < $1.order }?.record
    }

    /// What a baton last did to a model; nil when nothing was seen of it.
    func status(of baton: BatonID, model: String) -> ReleaseRecord.Status? {
        entries[model]?[baton]?.record.status
    }
}

/// What a follower of the releases topic hears.
enum ReleaseLogItem: Sendable {
    case record(ReleaseRecord)
    /// Everything that was in the log at the start has been told: releases of the past need no lanes.
    case caughtUp
}
