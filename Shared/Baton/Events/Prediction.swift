// SPDX-License-Identifier: Apache-2.0

public import Digest

/// One answered inference request.
public struct Prediction: EventPayload, Equatable {
    public static let eventType = EventType.predictionMade

    /// The request's id, the caller's own where it gave one.
    public var id: String
    public var model: String
    public var baton: BatonID
    /// Digest of the model file that answered.
    public var artifact: ContentDigest
    /// The lane that answered; nil when none could.
    public var lane: String?
    /// HTTP status of the answer.
    public var status: Int
    /// Each row of the request in the order of the declared features; nil for a missing value. Empty when it failed.
    public var rows: [[Double?]]
    /// The model's output for each row.
    public var outputs: [Double]
    public var latencyMilliseconds: Double
    public var at: Timestamp
    /// The router that answered; nil for other servers'.
    public var router: RouterID?
    /// Counts the answers of this router and release from 1, so that one that is missing shows.
    public var number: Int64?
    /// Whether rows and outputs were too large to travel, and are empty for that.
    public var isAbridged: Bool?

    public init(
        id: String, model: String, baton: BatonID, artifact: ContentDigest, lane: String?, status: Int,
        rows: [[Double?]],
        outputs: [Double], latencyMilliseconds: Double, at: Timestamp, router: RouterID? = nil, number: Int64? = nil,
        isAbridged: Bool? = nil
    ) {
        self.id = id
        self.model = model
        self.baton = baton
        self.artifact = artifact
        self.lane = lane
        self.status = status
        self.rows = rows
        self.outputs = outputs
        self.latencyMilliseconds = latencyMilliseconds
        self.at = at
        self.router = router
        self.number = number
        self.isAbridged = isAbridged
    }
}
