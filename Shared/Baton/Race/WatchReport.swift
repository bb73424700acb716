// SPDX-License-Identifier: Apache-2.0

/// Monitor watched the live release.
public struct WatchReport: Codable, Sendable, Equatable {
    /// The whole period, or one slice of it.
    public struct Window: Codable, Sendable, Equatable {
        public var from: Timestamp
        public var to: Timestamp
        public var predictions: Int
        public var requestsPerSecond: Double
        /// Share of requests that failed.
        public var errorRate: Double
        public var latencyMilliseconds: Percentiles
        /// Of the requests those that were refused for a reason on the caller's side; nil where nobody counted them.
        public var refusals: Int?
        public init(
            from: Timestamp, to: Timestamp, predictions: Int, requestsPerSecond: Double, errorRate: Double,
            latencyMilliseconds: Percentiles, refusals: Int? = nil
        ) {
            self.from = from
            self.to = to
            self.predictions = predictions
            self.requestsPerSecond = requestsPerSecond
            self.errorRate = errorRate
            self.latencyMilliseconds = latencyMilliseconds
            self.refusals = refusals
        }
    }
    public struct Percentiles: Codable, Sendable, Equatable {
        public var p50: Double
        public var p90: Double
        public var p99: Double
        public init(p50: Double, p90: Double, p99: Double) {
            self.p50 = p50
            self.p90 = p90
            self.p99 = p99
        }
    }
    public struct Drift: Codable, Sendable, Equatable {
        /// A feature's name, or `prediction`.
        public var name: String
        /// Population stability index against the reference sample.
        public var index: Double
        /// What an undrifted sample of this size could show by chance; the bound is at least this.
        public var noise: Double
        public var drifted: Bool
        public init(name: String, index: Double, noise: Double, drifted: Bool) {
            self.name = name
            self.index = index
            self.noise = noise
            self.drifted = drifted
        }
    }
    /// A router that answered, or could have, in the period.
    public struct Router: Codable, Sendable, Equatable {
        public var router: RouterID
        /// When it was last heard of; everything that it answered before is known of.
        public var heardUntil: Timestamp
        /// Answers that it numbered and that are not there.
        public var missed: Int64
        /// How many of them it left out itself, for want of room.
        public var dropped: Int64
        /// Whether it said how far it was at the end of the period. When not, answers that it gave after `heardUntil`
        /// may not have been seen.
        public var isComplete: Bool
        public init(router: RouterID, heardUntil: Timestamp, missed: Int64, dropped: Int64, isComplete: Bool) {
            self.router = router
            self.heardUntil = heardUntil
            self.missed = missed
            self.dropped = dropped
            self.isComplete = isComplete
        }
    }
    /// What was read of a partition of the predictions.
    public struct Reading: Codable, Sendable, Equatable {
        public var partition: Int32
        /// The first offset.
        public var from: Int64
        /// The offset behind the last one.
        public var to: Int64
        public init(partition: Int32, from: Int64, to: Int64) {
            self.partition = partition
            self.from = from
            self.to = to
        }
    }
    /// Requests to the releases before, in the time before this one was live.
    public struct Before: Codable, Sendable, Equatable {
        public var from: Timestamp
        public var requests: Int
        public var refusals: Int
        public init(from: Timestamp, requests: Int, refusals: Int) {
            self.from = from
            self.requests = requests
            self.refusals = refusals
        }
    }
    public enum Verdict: String, Codable, Sendable {
        case steady, drifted, failing
        /// Too few predictions to know.
        case unknown
    }
    public var verdict: Verdict
    /// Why, in one sentence a bound.
    public var findings: [String]
    public var total: Window
    public var windows: [Window]
    public var drift: [Drift]
    /// Who answered; nil where nobody asked.
    public var routers: [Router]?
    /// What the report counts: nothing in front of it, nothing behind it. Nil where nobody noted it.
    public var readings: [Reading]?
    public var before: Before?
    /// Where all of it is; nil when this is all of it.
    public var whole: StoredReport?
    public init(
        verdict: Verdict, findings: [String], total: Window, windows: [Window], drift: [Drift],
        routers: [Router]? = nil, readings: [Reading]? = nil, before: Before? = nil
    ) {
        self.verdict = verdict
        self.findings = findings
        self.total = total
        self.windows = windows
        self.drift = drift
        self.routers = routers
        self.readings = readings
        self.before = before
    }
}
