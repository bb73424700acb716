// SPDX-License-Identifier: Apache-2.0

import Baton

/// When something was last heard of an attempt, by the captain's own clock.
struct SignOfLife: Sendable, Equatable {
    var key: AttemptKey
    var at: Timestamp
    /// Who was heard; nil until somebody is.
    var worker: String?
    /// Whether it said that it waits for what somebody has to mend.
    var isHeldUp = false
}

/// Tells time in which nobody was heard from time in which the captain could not hear.
///
/// The captain looks at least every `tick`. When more time than `tolerance` passed since it last looked, it was
/// itself held up (frozen, swapped out, waiting for the broker) or its clock was set: that time is no runner's silence.
struct HearingClock: Sendable {
    let tick: Duration
    let tolerance: Duration
    private var lookedAt: Timestamp?

    init(tick: Duration = .milliseconds(100), tolerance: Duration = .milliseconds(500)) {
        self.tick = tick
        self.tolerance = tolerance
    }

    /// Notes that the captain looks.
    /// - Returns: By how much signs of life must be moved so that deafness does not count as silence.
    mutating func look(at now: Timestamp) -> Duration {
        defer { lookedAt = now }
        guard let lookedAt else { return .zero }
        let gap = now - lookedAt
        if gap < .zero { return gap }
        // A captain that is always slow hears slowly, not never: what one look takes still counts.
        return gap > tolerance ? gap - tick : .zero
    }
}
