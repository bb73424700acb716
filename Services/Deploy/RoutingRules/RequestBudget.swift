// SPDX-License-Identifier: Apache-2.0

/// What a request may cost in time.
package struct RequestBudget: Sendable, Equatable {
    /// For the whole request, all attempts included.
    package let total: Duration
    /// For one lane's answer. A frozen lane costs this much before another one takes over.
    package let attempt: Duration

    /// The budget of a router that is told nothing else.
    package init(total: Duration = .seconds(10), attempt: Duration = .seconds(3)) {
        (self.total, self.attempt) = (total, attempt)
    }

    /// What an attempt may take that begins now, of a request that must be answered by a deadline; nil when it is over.
    package func attempt(
        before deadline: ContinuousClock.Instant, now: ContinuousClock.Instant
    ) -> Duration? {
        let time = min(attempt, deadline - now)
        return time > .zero ? time : nil
    }
}
