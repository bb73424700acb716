// SPDX-License-Identifier: Apache-2.0

import Baton

/// What one event did to a baton.
struct Turn: Sendable {
    let baton: BatonID
    let event: RaceEvent
    /// Nil when the baton was not known.
    let before: BatonState?
    let after: BatonState?
    /// What was decided, in order.
    let decisions: [JournalEntry]
    /// Whoever was last heard at the attempt that was out.
    let worker: String?

    /// The baton's trace; of a baton that is not known, the one that it would have without a caller.
    var trace: BatonTrace { (after ?? before)?.trace ?? BatonTrace(baton, request: nil) }
}
