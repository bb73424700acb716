// SPDX-License-Identifier: Apache-2.0

import Baton

/// What was seen of a race while it ran, with the times at which it was seen. Pure.
struct Tally: Sendable {
    private(set) var requested: Set<BatonID> = []
    private(set) var endings: [BatonID: Ending.Kind] = [:]
    /// Why batons were dropped; digits are left out, so that like reasons count together.
    private(set) var drops: [String: Int] = [:]
    private(set) var endedAt: [BatonID: ContinuousClock.Instant] = [:]
    /// From an ordered takeover to the accepted handoff of the same duty.
    private(set) var takeovers: [Duration] = []
    private(set) var takeoversOrdered = 0
    private(set) var duplicates = 0
    private(set) var superseded = 0
    private var ordered: [DutyOfBaton: ContinuousClock.Instant] = [:]

    /// One duty of one baton.
    private struct DutyOfBaton: Hashable {
        var baton: BatonID
        var duty: Duty
    }

    mutating func hear(_ entry: JournalEntry, at now: ContinuousClock.Instant) {
        switch entry.action {
        case .requested: requested.insert(entry.baton)
        case .duplicateIgnored: duplicates += 1
        case .handoffSuperseded: superseded += 1
        case .takeoverOrdered:
            takeoversOrdered += 1
            // Counted from the first order of a duty: a takeover that had to be repeated took that long.
            if let duty = entry.duty, ordered[DutyOfBaton(baton: entry.baton, duty: duty)] == nil {
                ordered[DutyOfBaton(baton: entry.baton, duty: duty)] = now
            }
        case .handoffAccepted:
            if let duty = entry.duty,
                let since = ordered.removeValue(forKey: DutyOfBaton(baton: entry.baton, duty: duty))
            {
                takeovers.append(now - since)
            }
        case .assigned, .retryOrdered, .releaseLive, .releaseWithdrawn, .cancelRequested, .ended, .decided: break
        }
    }

    mutating func hear(_ state: BatonState, at now: ContinuousClock.Instant) {
        guard state.hasEnded, let ending = state.ending, endings[state.id] == nil else { return }
        endings[state.id] = ending.kind
        endedAt[state.id] = now
        if ending.kind == .dropped {
            let words = (ending.reason ?? "no reason").filter { !$0.isNumber }
            drops[String(words.prefix(90)), default: 0] += 1
        }
    }
}
