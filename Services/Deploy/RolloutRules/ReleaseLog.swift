// SPDX-License-Identifier: Apache-2.0

package import Baton

/// The releases topic, folded: which baton's release serves a model now.
///
/// Of the live ones the newest serves that keeps the contract of the one before it. What counts is each baton's last
/// record, and the order of those, which compaction keeps: so every instance decides the same, one that has heard all
/// of it and one that starts today.
package struct ReleaseLog: Sendable {
    /// Where a baton's release stands.
    package enum Standing: Sendable, Equatable {
        case serves
        case withdrawn
        /// A newer one serves.
        case superseded(by: BatonID)
        /// It may not take over from what was live when it came, for these reasons.
        case breaksContract(of: BatonID, [String])
    }

    private struct Entry {
        let record: ReleaseRecord
        /// Position of the newest record; positions only order.
        let order: Int
    }

    private var entries: [String: [BatonID: Entry]] = [:]
    private var order = 0

    /// Every model that ever had a release.
    package var models: [String] { Array(entries.keys) }

    /// Nothing is in the log yet.
    package init() {}

    /// Adds a record of the topic.
    package mutating func apply(_ record: ReleaseRecord) {
        order += 1
        // A release that was withdrawn never comes back, and one that is told again keeps its place.
        switch status(of: record.baton, model: record.model) {
        case .withdrawn: return
        case .live where record.status == .live: return
        case .live, nil: break
        }
        entries[record.model, default: [:]][record.baton] = Entry(record: record, order: order)
    }

    /// The release that is to serve: a withdrawn one brings back the one before it.
    package func current(_ model: String) -> ReleaseRecord? {
        line(model).accepted.last { $0.record.status == .live }?.record
    }

    /// What a baton last did to a model; nil when nothing was seen of it.
    package func status(of baton: BatonID, model: String) -> ReleaseRecord.Status? {
        entries[model]?[baton]?.record.status
    }

    /// Where a baton's release stands; nil when nothing was seen of it.
    package func standing(of baton: BatonID, model: String) -> Standing? {
        guard let own = entries[model]?[baton] else { return nil }
        guard own.record.status == .live else { return .withdrawn }
        let line = line(model)
        let current = line.accepted.last { $0.record.status == .live }?.record
        if current?.baton == baton { return .serves }
        if let current, current.isNewer(than: own.record) { return .superseded(by: current.baton) }
        return line.refused[baton]
    }

    /// A model's releases from the oldest to the newest: those that could serve, and why the others could not.
    private func line(_ model: String) -> (accepted: [Entry], refused: [BatonID: Standing]) {
        let all = entries[model, default: [:]].values.sorted { $1.record.isNewer(than: $0.record) }
        var accepted: [Entry] = []
        var refused: [BatonID: Standing] = [:]
        for entry in all {
            if entry.record.status == .withdrawn {
                // It served, so the releases after it had to keep its contract.
                if entry.record.servedSince != nil { accepted.append(entry) }
                continue
            }
            let before = Self.predecessors(of: entry, in: accepted)
            let contract = entry.record.contract
            if let last = before.first, !before.contains(where: { contract.keeps($0.record.contract) }) {
                refused[entry.record.baton] = .breaksContract(
                    of: last.record.baton, contract.differences(from: last.record.contract))
            } else {
                accepted.append(entry)
            }
        }
        return (accepted, refused)
    }

    /// The releases that a live one may have taken over from, the newest first: the newest live one that came before
    /// it, and those in between that served and were withdrawn after it came. Without the latter a release would lose
    /// its traffic when the one that it followed is withdrawn.
    private static func predecessors(of entry: Entry, in accepted: [Entry]) -> [Entry] {
        var found: [Entry] = []
        for other in accepted.reversed() {
            switch other.record.status {
            case .withdrawn: if other.order > entry.order { found.append(other) }
            case .live: if other.order < entry.order { return found + [other] }
            }
        }
        return found
    }
}
