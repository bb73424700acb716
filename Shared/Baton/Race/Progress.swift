// SPDX-License-Identifier: Apache-2.0

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
