// SPDX-License-Identifier: Apache-2.0

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
