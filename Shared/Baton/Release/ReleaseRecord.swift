// SPDX-License-Identifier: Apache-2.0

public import Digest

/// What a baton did to its model's traffic. Of a model's `live` releases the one that was asked for last serves, unless
/// it breaks the contract of the one before; withdrawing it brings the one before back.
public struct ReleaseRecord: EventPayload, Equatable {
    public static let eventType = EventType.releaseChanged

    public enum Status: String, Codable, Sendable { case live, withdrawn }

    public var model: String
    public var baton: BatonID
    public var status: Status
    public var manifest: ReleaseManifest
    /// When the release was asked for: what makes one newer than another. Nil in older records.
    public var requestedAt: Timestamp?
    /// What verification found that its lane takes and answers. Nil in older records.
    public var interface: ModelInterface?
    /// With a withdrawn one: since when it had the traffic. Nil when it never had, and in older records.
    public var servedSince: Timestamp?
    public var changedAt: Timestamp
    /// The span of the baton's race.
    public var traceparent: TraceContext?

    public init(
        model: String, baton: BatonID, status: Status, manifest: ReleaseManifest, requestedAt: Timestamp? = nil,
        interface: ModelInterface? = nil, servedSince: Timestamp? = nil, changedAt: Timestamp,
        traceparent: TraceContext? = nil
    ) {
        self.model = model
        self.baton = baton
        self.status = status
        self.manifest = manifest
        self.requestedAt = requestedAt
        self.interface = interface
        self.servedSince = servedSince
        self.changedAt = changedAt
        self.traceparent = traceparent
    }

    /// The record's key on the compacted topic.
    public var key: String { "\(model)/\(baton)" }

    /// Whether this release was asked for after another one of its model; of two at the same time the id decides.
    ///
    /// An older record does not say when. The time at which it went live stands in for that, so that such
    /// records keep among themselves the order in which they were written.
    public func isNewer(than other: ReleaseRecord) -> Bool {
        let (own, its) = (requestedAt ?? changedAt, other.requestedAt ?? other.changedAt)
        return own == its ? baton > other.baton : own > its
    }
}

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

/// Something that people should see at once: raised, updated or cleared under its name.
public struct Signal: EventPayload, Equatable {
    public static let eventType = EventType.signalChanged

    public enum Level: String, Codable, Sendable { case info, warning, critical }

    /// `cost`, `budget`, `lanes`, `drift`...
    public var name: String
    public var level: Level
    public var baton: BatonID?
    public var model: String?
    /// One sentence.
    public var text: String
    /// Numbers behind the sentence, by name with unit.
    public var values: [String: Double]
    public var at: Timestamp

    public init(
        name: String, level: Level, baton: BatonID?, model: String?, text: String, values: [String: Double],
        at: Timestamp
    ) {
        self.name = name
        self.level = level
        self.baton = baton
        self.model = model
        self.text = text
        self.values = values
        self.at = at
    }
}
