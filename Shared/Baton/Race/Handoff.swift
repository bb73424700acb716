// SPDX-License-Identifier: Apache-2.0

/// A leg's answer to one assignment.
public struct Handoff: EventPayload, Equatable {
    public static let eventType = EventType.dutyHandedOff

    public enum Outcome: String, Codable, Sendable {
        case completed
        /// The work could not be done; `retryable` says whether another attempt may do it.
        case failed
        /// Governance said no.
        case refused
    }

    public var baton: BatonID
    public var duty: Duty
    public var attempt: Int
    public var lane: RaceLane
    /// The instance that did the work.
    public var worker: String
    public var outcome: Outcome
    /// Why it failed or was refused.
    public var reason: String?
    public var retryable: Bool
    /// The baton whose release is to serve instead; then it failed and no attempt can do it.
    public var supersededBy: BatonID?
    /// The duty's own part, when completed; what was learned before, when failed.
    public var results: Results
    /// What it consumed.
    public var usage: [Usage]
    public var startedAt: Timestamp
    public var finishedAt: Timestamp

    public init(
        baton: BatonID, duty: Duty, attempt: Int, lane: RaceLane, worker: String, outcome: Outcome,
        reason: String? = nil,
        retryable: Bool = false, supersededBy: BatonID? = nil, results: Results = Results(), usage: [Usage] = [],
        startedAt: Timestamp, finishedAt: Timestamp
    ) {
        self.baton = baton
        self.duty = duty
        self.attempt = attempt
        self.lane = lane
        self.worker = worker
        self.outcome = outcome
        self.reason = reason
        self.retryable = retryable
        self.supersededBy = supersededBy
        self.results = results
        self.usage = usage
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }

    public var key: AttemptKey { AttemptKey(baton: baton, duty: duty, attempt: attempt) }
}
