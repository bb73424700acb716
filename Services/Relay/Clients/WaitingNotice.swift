// SPDX-License-Identifier: Apache-2.0

/// When to say that something is waited for: soon, and then again and again.
package struct WaitingNotice {
    /// How long a wait lasts before it is told.
    package static let first = Duration.seconds(2)
    static let interval = Duration.seconds(5)

    private var due: ContinuousClock.Instant

    /// For a wait that began then.
    package init(from begin: ContinuousClock.Instant) { due = begin + Self.first }

    /// Whether it is to be told now; then the next time counts from now.
    package mutating func isDue(at now: ContinuousClock.Instant) -> Bool {
        guard now >= due else { return false }
        due = now + Self.interval
        return true
    }
}
