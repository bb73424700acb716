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
