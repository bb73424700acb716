// SPDX-License-Identifier: Apache-2.0

/// The captain's patience.
public struct RacePolicy: Sendable, Equatable {
    /// Silence of a first attempt that counts as a stall. Each further attempt gets twice the patience of the one
    /// before, up to `longestSilence`, so that a leg with no runner at all is not given up within seconds.
    public var silence: Duration
    public var longestSilence: Duration
    /// Retryable failures after which the other lane is sent.
    public var failuresBeforeTakeover: Int
    /// Attempts at one duty after which the baton is dropped.
    public var attempts: Int
    /// The most time that one attempt at a build may take.
    public var buildDeadline: Duration
    /// The same for every other duty; a watch gets its declared period on top.
    public var deadline: Duration
    /// How long work that was called off has to end and to say what it used, before the books are closed without it.
    public var withdrawal: Duration
    /// The largest state of a baton, as JSON: brokers accept 1 MiB a record by default, and headers need a part of it.
    public var maximumStateBytes: Int

    public init(
        silence: Duration = .seconds(1), longestSilence: Duration = .seconds(10), failuresBeforeTakeover: Int = 2,
        attempts: Int = 10, buildDeadline: Duration = .seconds(3600), deadline: Duration = .seconds(60),
        withdrawal: Duration = .seconds(2), maximumStateBytes: Int = 1_000_000
    ) {
        self.silence = silence
        self.longestSilence = longestSilence
        self.failuresBeforeTakeover = failuresBeforeTakeover
        self.attempts = attempts
        self.buildDeadline = buildDeadline
        self.deadline = deadline
        self.withdrawal = withdrawal
        self.maximumStateBytes = maximumStateBytes
    }

    /// The silence after which an attempt is stalled.
    public func silence(ofAttempt number: Int) -> Duration {
        min(silence * (1 << min(max(number - 1, 0), 16)), longestSilence)
    }

    /// The time that an attempt at a duty may take.
    func deadline(of duty: Duty, _ results: Results) -> Duration {
        switch duty {
        case .build: buildDeadline
        case .watch: deadline + .seconds(results.build?.declaration.watch.periodSeconds ?? 0)
        case .admission, .verification, .approval, .rollout, .closing: deadline
        }
    }
}
