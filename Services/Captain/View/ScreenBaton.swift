// SPDX-License-Identifier: Apache-2.0

package import Baton

/// All that the screen draws of one baton, as finished values: what follows from the state and the journal is worked
/// out here, and the page works nothing out again.
package struct ScreenBaton: Encodable, Sendable, Equatable {
    /// For programs that follow the feed: of which state this is.
    struct StateVersion: Encodable, Sendable, Equatable {
        let id: BatonID
        let version: Int
    }

    /// How it ends, or how it will end once what is out is withdrawn and the books are closed.
    struct Outcome: Encodable, Sendable, Equatable {
        let phase: Phase
        let sentence: String
        let isWithdrawing: Bool
    }

    let summary: BatonSummary
    let state: StateVersion
    let ending: Outcome?
    let track: ScreenTrack
    let release: ScreenRelease
    let watch: ScreenWatch?
    /// Newest first, one of each name.
    let signals: [Signal]
    let traffic: TrafficReport?
    /// The newest entries, oldest first; nil where they are told one by one.
    let journal: [JournalEntry]?

    /// The baton.
    package var id: BatonID { summary.id }
}

/// All that a page needs that has nothing yet.
package struct ScreenSnapshot: Encodable, Sendable {
    let now: Timestamp
    /// The newest first.
    let batons: [ScreenBaton]
    let alerts: [Signal]
}
