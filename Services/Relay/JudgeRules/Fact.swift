// SPDX-License-Identifier: Apache-2.0

package import Baton

/// A topic of the relay, whatever its prefix.
package enum Channel: String, Sendable, Codable, CaseIterable {
    case inbox
    case batonEvents = "baton-events"
    case batons
    case pipeline = "legs.pipeline"
    case deploy = "legs.deploy"
    case monitor = "legs.monitor"
    case governance = "legs.governance"
    case progress, journal, releases, predictions, outcomes, signals, usage, ledger
    case deadLetters = "dead-letters"

    /// The topic of a leg's assignments.
    package init(_ leg: Leg) {
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
package struct Place: Hashable, Sendable, Comparable {
    /// Its topic.
    package var channel: Channel
    /// Of the topic.
    package var partition: Int32
    /// In the partition.
    package var offset: Int64

    /// Of its parts.
    package init(channel: Channel, partition: Int32, offset: Int64) {
        self.channel = channel
        self.partition = partition
        self.offset = offset
    }

    /// By topic, partition and offset.
    package static func < (left: Self, right: Self) -> Bool {
        (left.channel.rawValue, left.partition, left.offset) < (right.channel.rawValue, right.partition, right.offset)
    }
}

/// A committed record as anybody outside can see it, reduced to what the rules look at.
package struct Fact: Sendable {
    var place: Place
    /// When it happened, by whoever wrote it.
    var claimedAt: Timestamp
    /// When the judge read it, by the judge's own clock.
    var seenAt: Timestamp
    var content: Content

    /// Of its parts.
    package init(place: Place, claimedAt: Timestamp, seenAt: Timestamp, content: Content) {
        self.place = place
        self.claimedAt = claimedAt
        self.seenAt = seenAt
        self.content = content
    }

    /// What the record says.
    package enum Content: Sendable {
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
package struct SeenID: Sendable, Equatable {
    var id: ShortDigest
    var content: ShortDigest

    /// Of its parts.
    package init(id: ShortDigest, content: ShortDigest) {
        self.id = id
        self.content = content
    }
}

/// A leg's answer.
package struct SeenHandoff: Sendable {
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
package struct SeenState: Sendable {
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
package struct SeenAssignment: Sendable {
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
package struct SeenAnswer: Sendable {
    var baton: BatonID
    /// nil where it does not say.
    var at: Timestamp?
    var router: RouterID?
    var number: Int64?

    /// Of its parts.
    package init(baton: BatonID, at: Timestamp? = nil, router: RouterID? = nil, number: Int64? = nil) {
        self.baton = baton
        self.at = at
        self.router = router
        self.number = number
    }
}

/// What a watch says to have seen.
package struct SeenWatch: Sendable {
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
package struct SeenRelease: Sendable {
    var baton: BatonID
    var model: String
    var status: ReleaseRecord.Status
    var manifest: ShortDigest
    /// Whether the record's key is `model/baton`.
    var isKeyed: Bool
}

/// A link of the ledger.
package struct SeenEntry: Sendable {
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

    /// Of its parts.
    package init(
        chain: String, sequence: Int64, previous: String, hash: String, digest: String, fact: SeenID,
        baton: BatonID? = nil, aside: Aside? = nil, value: ShortDigest, price: Money? = nil, origin: Place? = nil
    ) {
        self.chain = chain
        self.sequence = sequence
        self.previous = previous
        self.hash = hash
        self.digest = digest
        self.fact = fact
        self.baton = baton
        self.aside = aside
        self.value = value
        self.price = price
        self.origin = origin
    }

    /// A record of the same partition.
    package struct Aside: Hashable, Sendable {
        var offset: Int64
        var value: ShortDigest

        /// Of its parts.
        package init(offset: Int64, value: ShortDigest) {
            self.offset = offset
            self.value = value
        }
    }
}

/// A record that was set aside.
package struct SeenLetter: Sendable {
    /// nil when it does not say, or names no topic of the relay.
    var origin: Place?
    var reader: String?
    /// The headers that it should have and has not.
    var missing: [String]
    var value: SeenValue

    /// Of its parts.
    package init(origin: Place? = nil, reader: String? = nil, missing: [String], value: SeenValue) {
        self.origin = origin
        self.reader = reader
        self.missing = missing
        self.value = value
    }
}

/// The value of a record that could not be read, or what a dead letter keeps of it.
package struct SeenValue: Hashable, Sendable {
    var bytes: Int
    /// nil when the letter had no room for the value and says only how long it was.
    var digest: ShortDigest?

    /// A value that is all there.
    package init(_ value: [UInt8]) { (bytes, digest) = (value.count, ShortDigest(value)) }

    /// A value of which only the length is known.
    package init(omittedBytes: Int) { bytes = omittedBytes }

    /// Whether both may be the same value.
    func agrees(with other: SeenValue) -> Bool {
        bytes == other.bytes && (digest == nil || other.digest == nil || digest == other.digest)
    }
}
