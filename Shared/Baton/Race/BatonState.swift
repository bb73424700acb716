// SPDX-License-Identifier: Apache-2.0

/// The state of one baton: what the captain alone writes, and everybody may read.
public struct BatonState: EventPayload, Equatable {
    public static let eventType = EventType.batonChanged

    /// The attempt that is out; its answer is the only one that counts.
    public struct Attempt: Codable, Sendable, Equatable {
        public var duty: Duty
        public var number: Int
        public var lane: RaceLane
        public var assignedAt: Timestamp
        public var firstAssignedAt: Timestamp
        public var deadline: Timestamp
        /// Retryable failures of this duty so far.
        public var failures: Int
    }

    /// A handoff that counted.
    public struct Accepted: Codable, Sendable, Equatable {
        public var duty: Duty
        public var attempt: Int
        public var lane: RaceLane
        public var worker: String
        public var outcome: Handoff.Outcome
        public var acceptedAt: Timestamp
    }

    public var id: BatonID
    /// CloudEvents `source` and `id` of the request.
    public var requestSource: String
    public var requestID: String
    public var request: ReleaseRequest
    /// The trace of whoever asked, if told; what the relay does hangs below it.
    public var traceparent: TraceContext?
    public var requestedAt: Timestamp
    public var changedAt: Timestamp
    /// Changes so far; 1 for a new baton.
    public var version: Int
    /// nil once the baton has ended.
    public var current: Attempt?
    /// Set when it is known how the baton ends; `current` is then an attempt that is called off and has until its
    /// deadline to say what it used, the closing of the books, or nil.
    public var ending: Ending?
    public var accepted: [Accepted]
    public var results: Results
    /// Usage ids of the accepted handoffs.
    public var usage: [String]
    /// Whether this baton's release is, or was last ordered to be, in front of traffic.
    public var isLive: Bool

    public var hasEnded: Bool { current == nil && ending != nil }

    /// Whether the attempt that is out was called off, and only what it used is waited for.
    public var isWithdrawing: Bool { ending != nil && current.map { $0.duty != .closing } ?? false }

    /// The key of the attempt that is out.
    public var currentKey: AttemptKey? {
        current.map { AttemptKey(baton: id, duty: $0.duty, attempt: $0.number) }
    }
}
