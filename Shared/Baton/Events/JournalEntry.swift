// SPDX-License-Identifier: Apache-2.0

/// One decision: who touched the baton, when and why.
public struct JournalEntry: EventPayload, Equatable {
    public static let eventType = EventType.journalWritten

    public enum Action: String, Codable, Sendable, CaseIterable {
        case requested
        case duplicateIgnored = "duplicate-ignored"
        case assigned
        case handoffAccepted = "handoff-accepted"
        case handoffSuperseded = "handoff-superseded"
        case retryOrdered = "retry-ordered"
        case takeoverOrdered = "takeover-ordered"
        case releaseLive = "release-live"
        case releaseWithdrawn = "release-withdrawn"
        case cancelRequested = "cancel-requested"
        case ended
        /// A leg's own decision, told in `reason`.
        case decided
    }

    /// The same whenever the same decision is written again.
    public var id: String
    public var baton: BatonID
    public var action: Action
    /// Who: a requester, the captain, a worker.
    public var actor: String
    public var duty: Duty?
    public var attempt: Int?
    public var lane: RaceLane?
    public var reason: String?
    public var at: Timestamp

    public init(
        id: String, baton: BatonID, action: Action, actor: String, duty: Duty? = nil, attempt: Int? = nil,
        lane: RaceLane? = nil, reason: String? = nil, at: Timestamp
    ) {
        self.id = id
        self.baton = baton
        self.action = action
        self.actor = actor
        self.duty = duty
        self.attempt = attempt
        self.lane = lane
        self.reason = reason
        self.at = at
    }

    /// The attempt that it is about; nil when it is about none.
    public var key: AttemptKey? {
        guard let duty, let attempt else { return nil }
        return AttemptKey(baton: baton, duty: duty, attempt: attempt)
    }
}
