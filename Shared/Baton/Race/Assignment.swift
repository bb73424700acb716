// SPDX-License-Identifier: Apache-2.0

/// The captain's order to run one duty of a baton; only the newest attempt of a duty can be handed off.
public struct Assignment: EventPayload, Equatable {
    public static let eventType = EventType.dutyAssigned

    public var baton: BatonID
    public var duty: Duty
    /// Counts from 1 within the baton's duty.
    public var attempt: Int
    public var lane: RaceLane
    public var assignedAt: Timestamp
    /// When the first attempt was ordered: what the duty's own clock counts from.
    public var firstAssignedAt: Timestamp
    /// After this the captain sends another lane.
    public var deadline: Timestamp
    public var request: ReleaseRequest
    /// What was handed over before.
    public var results: Results
    /// Usage ids of the accepted handoffs, for whoever sums up.
    public var usage: [String]
    /// How the baton will end; set for `closing` alone.
    public var ending: Ending?
    /// The span of this attempt, for the work to hang below.
    public var traceparent: TraceContext?
    /// Set when this is no work for anybody, but calls off the attempts before it.
    public var withdrawal: Withdrawal?

    public init(
        baton: BatonID, duty: Duty, attempt: Int, lane: RaceLane, assignedAt: Timestamp, firstAssignedAt: Timestamp,
        deadline: Timestamp, request: ReleaseRequest, results: Results, usage: [String], ending: Ending?,
        traceparent: TraceContext? = nil, withdrawal: Withdrawal? = nil
    ) {
        self.baton = baton
        self.duty = duty
        self.attempt = attempt
        self.lane = lane
        self.assignedAt = assignedAt
        self.firstAssignedAt = firstAssignedAt
        self.deadline = deadline
        self.request = request
        self.results = results
        self.usage = usage
        self.ending = ending
        self.traceparent = traceparent
        self.withdrawal = withdrawal
    }

    /// `<baton>/<duty>/<attempt>`: names this attempt everywhere.
    public var key: AttemptKey { AttemptKey(baton: baton, duty: duty, attempt: attempt) }
}

extension Assignment {
    /// Work is called off: whoever runs an attempt at the duty ends it, and hands over what it used.
    ///
    /// It travels as the order of one more attempt, which no lane takes: in its address it is for one lane and in its
    /// data for the other. A worker of the last release passes it over and drops older attempts, as for any newer one.
    public struct Withdrawal: Codable, Sendable, Equatable {
        /// Why.
        public var reason: String

        public init(reason: String) { self.reason = reason }
    }

    /// The lane in the address of the event that carries this.
    public var addressedLane: RaceLane { withdrawal == nil ? lane : lane.other }

    /// What the address says of this besides the lane: attributes of the CloudEvent.
    public var addressAttributes: [(name: String, value: String)] {
        [(Address.laneAttribute, addressedLane.rawValue)]
            + (withdrawal == nil ? [] : [(Address.withdrawalAttribute, "true")])
    }
}

extension Assignment {
    /// What an assignment's event says in its attributes: all that the lane needs to know which it is not for.
    public struct Address: Sendable, Equatable {
        /// The name of the CloudEvents attribute.
        public static let laneAttribute = "lane"
        /// The same for the attribute that is set on what calls off older attempts.
        public static let withdrawalAttribute = "withdrawal"

        public let key: AttemptKey
        public let lane: RaceLane
        /// Whether it is no work, but calls off the attempts before it.
        public let isWithdrawal: Bool

        /// Nil when the event is something else, or does not say it: then it is to be read.
        public init?(_ event: CloudEvent) {
            guard event.type == Assignment.eventType, let key = AttemptKey(event.id),
                let lane = event.extensions[Self.laneAttribute].flatMap(RaceLane.init(rawValue:))
            else { return nil }
            self.key = key
            self.lane = lane
            isWithdrawal = event.extensions[Self.withdrawalAttribute] == "true"
        }
    }
}

/// Names one attempt at one duty of one baton.
public struct AttemptKey: Hashable, Sendable, CustomStringConvertible {
    public let baton: BatonID
    public let duty: Duty
    public let attempt: Int

    public init(baton: BatonID, duty: Duty, attempt: Int) {
        self.baton = baton
        self.duty = duty
        self.attempt = attempt
    }

    /// Reads what was written before; nil when it is something else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let baton = BatonID(parts[0]), let duty = Duty(rawValue: parts[1]),
            let attempt = Int(parts[2])
        else { return nil }
        self.init(baton: baton, duty: duty, attempt: attempt)
    }

    public var description: String { "\(baton)/\(duty.rawValue)/\(attempt)" }
}

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

/// A sign of life of running work; at least every 250 ms.
public struct Progress: EventPayload, Equatable {
    public static let eventType = EventType.dutyProgressed

    public var baton: BatonID
    public var duty: Duty
    public var attempt: Int
    public var lane: RaceLane
    public var worker: String
    /// Done so far, 0 to 1.
    public var fraction: Double
    /// What is being done, in a few words.
    public var note: String
    public var at: Timestamp
    /// Whether it can only go on when somebody has mended what `note` names: until then its deadline is not held
    /// against it. Nil, like false: it goes on.
    public var isHeldUp: Bool?

    public init(
        baton: BatonID, duty: Duty, attempt: Int, lane: RaceLane, worker: String, fraction: Double, note: String,
        at: Timestamp, isHeldUp: Bool? = nil
    ) {
        self.baton = baton
        self.duty = duty
        self.attempt = attempt
        self.lane = lane
        self.worker = worker
        self.fraction = fraction
        self.note = note
        self.at = at
        self.isHeldUp = isHeldUp
    }

    public var key: AttemptKey { AttemptKey(baton: baton, duty: duty, attempt: attempt) }
}
