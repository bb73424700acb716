// SPDX-License-Identifier: Apache-2.0

package import Baton

/// One baton in a list: where it is, how far, for how much, and how old each of these facts is.
package struct BatonSummary: Codable, Sendable, Equatable {
    /// The baton.
    package var id: BatonID
    var model: String
    var requester: String
    var reason: String?
    /// Where it is in its life.
    package var phase: Phase
    var duty: Duty?
    var leg: Leg?
    var lane: RaceLane?
    var attempt: Int?
    var assignedAt: Timestamp?
    var deadline: Timestamp?
    /// The last report of the attempt that is out; nil when it has not been heard of.
    var progress: ProgressReport?
    var cost: CostReport?
    /// How it ended, or how it will end once the books are closed.
    var ending: Ending?
    /// The trace's id, as collectors of traces and log lines have it.
    var traceID: String
    var requestedAt: Timestamp
    var changedAt: Timestamp
    var version: Int
    var takeovers: Int
    var superseded: Int
    /// Seconds from the request until now, or until the end.
    var elapsedSeconds: Double
    /// Seconds since anything was heard of it.
    var ageSeconds: Double
}

/// What running work said last.
package struct ProgressReport: Codable, Sendable, Equatable {
    var progress: Progress
    /// By this captain's clock.
    var heardAt: Timestamp
}

/// What a baton has cost.
package struct CostReport: Codable, Sendable, Equatable {
    var total: Money
    var asOf: Timestamp
    /// Whether the books are closed.
    var isFinal: Bool
}

/// What is seen of a release's answered requests, since this captain began to look.
package struct TrafficReport: Codable, Sendable, Equatable {
    var since: Timestamp
    var predictions: Int
    var failed: Int
    /// Over the last 10 s.
    var requestsPerSecond: Double
    /// Of the last 10 s; nil without requests.
    var latencyMilliseconds: WatchReport.Percentiles?
    var asOf: Timestamp
}
