// SPDX-License-Identifier: Apache-2.0

/// When a processor has to act although no records come. Pure: told what time it is.
struct Occasions: Sendable {
    let tick: Duration?
    /// How long offsets that were passed over may wait to be committed.
    let sweepDelay: Duration
    private var lastTick: ContinuousClock.Instant
    private var behindSince: ContinuousClock.Instant?

    init(tick: Duration?, sweepDelay: Duration, now: ContinuousClock.Instant = .now) {
        self.tick = tick
        self.sweepDelay = sweepDelay
        lastTick = now
    }

    /// How long to wait for records: at most a second, so that nothing is noticed later than that.
    /// - Parameter isTiming: Whether anything would come of a tick; without, it is left to that second.
    func wait(at now: ContinuousClock.Instant, isTiming: Bool = true) -> Duration {
        let nextTick = isTiming ? tick.map { lastTick + $0 } : nil
        let next = [nextTick, behindSince.map { $0 + sweepDelay }].compactMap(\.self).min()
        return next.map { max(.zero, min($0 - now, .seconds(1))) } ?? .seconds(1)
    }

    /// Whether it is time for a tick; records are as good as one.
    mutating func takeTick(at now: ContinuousClock.Instant, hasRecords: Bool) -> Bool {
        let isDue = tick.map { now - lastTick >= $0 } ?? false
        if isDue || hasRecords { lastTick = now }
        return isDue
    }

    /// Whether offsets have waited long enough.
    mutating func isSweep(at now: ContinuousClock.Instant, isBehind: Bool) -> Bool {
        guard isBehind else {
            behindSince = nil
            return false
        }
        let since = behindSince ?? now
        behindSince = since
        guard now - since >= sweepDelay else { return false }
        behindSince = nil
        return true
    }
}
