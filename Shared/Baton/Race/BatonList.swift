// SPDX-License-Identifier: Apache-2.0

/// One line of `GET /batons`.
public struct BatonLine: Codable, Sendable, Equatable {
    public var id: BatonID
    public var model: String
    public var requester: String
    public var requestedAt: Timestamp
    public var changedAt: Timestamp
    /// The duty that is out; nil once the baton has ended.
    public var duty: Duty?
    public var lane: RaceLane?
    public var attempt: Int?
    /// Done so far of that duty, 0 to 1.
    public var fraction: Double?
    public var note: String?
    public var cost: Money?
    public var ending: Ending?
    /// Where the baton is, in a few words.
    public var summary: String

    public init(_ report: BatonReport) {
        let state = report.state
        let progress = report.progress.flatMap { $0.key == state.currentKey ? $0 : nil }
        id = state.id
        model = state.request.model
        requester = state.request.requester
        requestedAt = state.requestedAt
        changedAt = state.changedAt
        duty = state.current?.duty
        lane = state.current?.lane
        attempt = state.current?.number
        fraction = progress?.fraction
        note = progress?.note
        cost = report.cost
        ending = state.ending
        summary = state.summary
    }
}

/// The body of `GET /batons`, newest first.
public struct BatonList: Codable, Sendable, Equatable {
    public var batons: [BatonLine]

    public init(batons: [BatonLine]) { self.batons = batons }
}
