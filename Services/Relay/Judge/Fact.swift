// SPDX-License-Identifier: Apache-2.0

import Baton

/// A topic of the relay, whatever its prefix.
enum Channel: String, Sendable, Codable, CaseIterable {
    case inbox
    case batonEvents = "baton-events"
    case batons
    case pipeline = "legs.pipeline"
    case deploy = "legs.deploy"
    case monitor = "legs.monitor"
    case governance = "legs.governance"
    case progress, journal, releases, predictions, outcomes, signals, usage, ledger
    case deadLetters = "dead-letters"

    init(_ leg: Leg) {
        self =
            switch leg {
            case .pipeline: .pipeline
            case .deploy: .deploy
            case .monitor: .monitor
            case .governance: .governance
            }
    }

    /// The leg whose assignments it carries.
    var leg: Leg? { Leg.allCases.first { Channel($0) == self } }
}

/// The address of a record.
struct Place: Hashable, Sendable, Comparable {
    var channel: Channel
    var partition: Int32
    var offset: Int64

    static func < (left: Self, right: Self) -> Bool {
        (left.channel.rawValue, left.partition, left.offset) < (right.channel.rawValue, right.partition, right.offset)
    }
}

/// A committed record as anybody outside can see it, reduced to what the rules look at.
struct Fact: Sendable {
    var place: Place
    /// When it happened, by whoever wrote it.
    var claimedAt: Timestamp
    /// When the judge read it, by the judge's own clock.
    var seenAt: Timestamp
    var content: Content

    enum Content: Sendable {
        /// A good request on the inbox.
        case inboxRequest(BatonID)
        /// A request that passed the intake.
        case request(BatonID)
        case cancel(BatonID)
        case handoff(SeenHandoff)
        case state(SeenState)
        case assignment(SeenAssignment)
        case journal(JournalEntry, SeenID)
        case release(SeenRelease)
        case usage(SeenID)
        case entry(SeenEntry)
        case deadLetter(SeenLetter)
        case progress(AttemptKey, RaceLane)
        case prediction(SeenAnswer)
        /// It cannot be read as what its topic carries.
        case unreadable(reason: String, value: SeenValue)
    }
}

/// Names one fact, and says what it says.
struct SeenID: Sendable, Equatable {
    var id: ShortDigest
    var content: ShortDigest
}

/// A leg's answer.
struct SeenHandoff: Sendable {
    var key: AttemptKey
    var lane: RaceLane
    var worker: String
    var outcome: Handoff.Outcome
    var retryable: Bool
    /// What it handed over, by duty.
    var parts: [Duty: ShortDigest]
    var usage: [ShortDigest]
}

/// A baton's state.
struct SeenState: Sendable {
    var baton: BatonID
    /// The baton that its request's source and id give.
    var derived: BatonID
    /// Whether the record's key is the baton.
    var isKeyed: Bool
    /// What must never change: the request, where it came from and when.
    var origin: ShortDigest
    var requestedAt: Timestamp
    var changedAt: Timestamp
    var version: Int
    var current: BatonState.Attempt?
    var ending: Ending?
    var accepted: [BatonState.Accepted]
    var parts: [Duty: ShortDigest]
    var usage: [ShortDigest]
    var closing: Closing?
    var watch: SeenWatch?
    var isLive: Bool

    var hasEnded: Bool { current == nil && ending != nil }
}

/// The captain's order.
struct SeenAssignment: Sendable {
    var key: AttemptKey
    var lane: RaceLane
    /// How long the attempt may take, as it was declared.
    var span: Duration
    var parts: [Duty: ShortDigest]
    var usage: [ShortDigest]
    /// Whether it is no work, but calls off the attempts before it.
    var isWithdrawal: Bool
}

/// An answered request of a release.
struct SeenAnswer: Sendable {
    var baton: BatonID
    /// nil where it does not say.
    var at: Timestamp?
    var router: RouterID?
    var number: Int64?
}

/// What a watch says to have seen.
struct SeenWatch: Sendable {
    var from: Timestamp
    var to: Timestamp
    var predictions: Int
    /// What it read; nil for one of an earlier release of the suite, which does not say.
    var readings: [WatchReport.Reading]?
    var missed: [RouterID: Int64]
    /// Routers of which it says not to have heard all.
    var incomplete: Set<RouterID>

    init(_ report: WatchReport) {
        (from, to, predictions) = (report.total.from, report.total.to, report.total.predictions)
        readings = report.readings
        let routers = report.routers ?? []
        missed = Dictionary(routers.map { ($0.router, $0.missed) }) { $0 + $1 }
        incomplete = Set(routers.filter { !$0.isComplete }.map(\.router))
    }
}

/// What a baton did to its model's traffic.
struct SeenRelease: Sendable {
    var baton: BatonID
    var model: String
    var status: ReleaseRecord.Status
    var manifest: ShortDigest
    /// Whether the record's key is `model/baton`.
    var isKeyed: Bool
}

/// A link of the ledger.
struct SeenEntry: Sendable {
    var chain: String
    var sequence: Int64
    var previous: String
    /// The hash that it states.
    var hash: String
    /// The hash that its bytes give.
    var digest: String
    var fact: SeenID
    /// nil when it is about the ledger itself.
    var baton: BatonID?
    /// The record that it puts aside, if it is such an entry.
    var aside: Aside?
    /// All bytes of its record.
    var value: ShortDigest
    /// nil for a decision.
    var price: Money?
    /// nil when it names a topic that is not the relay's.
    var origin: Place?

    /// A record of the same partition.
    struct Aside: Hashable, Sendable {
        var offset: Int64
        var value: ShortDigest
    }
}

/// A record that was set aside.
struct SeenLetter: Sendable {
    /// nil when it does not say, or names no topic of the relay.
    var origin: Place?
    var reader: String?
    /// The headers that it should have and has not.
    var missing: [String]
    var value: SeenValue
}

/// The value of a record that could not be read, or what a dead letter keeps of it.
struct SeenValue: Hashable, Sendable {
    var bytes: Int
    /// nil when the letter had no room for the value and says only how long it was.
    var digest: ShortDigest?

    init(_ value: [UInt8]) { (bytes, digest) = (value.count, ShortDigest(value)) }

    init(omittedBytes: Int) { bytes = omittedBytes }

    /// Whether both may be the same value.
    func agrees(with other: SeenValue) -> Bool {
        bytes == other.bytes && (digest == nil || other.digest == nil || digest == other.digest)
    }
}
