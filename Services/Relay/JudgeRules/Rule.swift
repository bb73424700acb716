// SPDX-License-Identifier: Apache-2.0

package import Baton

/// One rule of the race, judged from outside: a fold over facts, without I/O and without a clock.
protocol Rule: Sendable {
    /// A word that names it.
    static var name: String { get }
    /// What must hold, in one sentence.
    static var law: String { get }

    /// Takes in a record. Records of one partition come in order; partitions come in any order.
    mutating func observe(_ fact: Fact)
    /// Takes in what the screen's feed said.
    mutating func observe(_ sight: Sight)
    /// Takes in that a partition has no records before an offset any more.
    mutating func forgotten(before place: Place)
    /// What is wrong, and what is still to come, as of an inquiry.
    func verdict(_ inquiry: Inquiry) -> Verdict
}

extension Rule {
    mutating func observe(_ sight: Sight) {}
    mutating func forgotten(before place: Place) {}
}

/// As of when, and how strictly, is judged.
struct Inquiry: Sendable {
    var now: Timestamp
    /// The next offset of each partition for which everything that goes with a record before it has been read as well.
    /// What stands behind it answers questions and raises none.
    var cut: Cut
    /// How long an effect may take to follow its cause.
    var patience: Duration
    /// How long a baton may take; nil: what its assignments declare, for all attempts at all duties.
    var bound: Duration?
    /// Attempts at a duty, as the captain counts.
    var attempts: Int
}

/// How far is judged.
package struct Cut: Sendable {
    /// A partition of one of the relay's topics.
    package struct Partition: Hashable, Sendable {
        var channel: Channel
        var partition: Int32

        /// Of its parts.
        package init(channel: Channel, partition: Int32) {
            self.channel = channel
            self.partition = partition
        }
    }

    /// nil: everything.
    var ends: [Partition: Int64]?

    /// Of its parts.
    package init(ends: [Partition: Int64]? = nil) {
        self.ends = ends
    }

    static let none = Cut(ends: nil)

    /// Whether a record stands before the cut.
    package func contains(_ place: Place) -> Bool {
        guard let ends else { return true }
        return place.offset < ends[Partition(channel: place.channel, partition: place.partition)] ?? 0
    }
}

/// One thing that is wrong.
package struct Violation: Sendable, Equatable {
    /// The rule's name.
    package var rule: String
    /// Which way it was broken; stable, for programs.
    package var kind: String
    /// The record that shows it; nil for what the screen's feed shows.
    package var place: Place?
    /// The baton, where it is about one.
    package var baton: BatonID?
    /// What there is.
    package var found: String
    /// What there should be.
    package var expected: String
    /// Whether it only holds of batons whose whole history is still there.
    var needsHistory = true
}

/// What a rule came to.
package struct Verdict: Sendable {
    /// Facts looked at.
    package var looked: Int
    /// What must still follow.
    package var open = 0
    /// Everything that is wrong.
    package var violations: [Violation] = []
    /// What was measured, where that says more than a count.
    package var note: String?
}

/// What a rule notes while it looks and while it judges.
struct Findings: Sendable {
    private let rule: String
    var looked = 0
    var open = 0
    private(set) var violations: [Violation] = []

    init(_ rule: String) { self.rule = rule }

    mutating func note(
        _ kind: String, at place: Place?, of baton: BatonID? = nil, found: String, expected: String,
        needsHistory: Bool = true
    ) {
        violations.append(
            Violation(
                rule: rule, kind: kind, place: place, baton: baton, found: found, expected: expected,
                needsHistory: needsHistory))
    }

    /// Notes what should have been written in the same transaction, or before, and is not there.
    mutating func noteMissing(
        _ kind: String, at place: Place, of baton: BatonID? = nil, _ inquiry: Inquiry, found: String, expected: String
    ) {
        guard inquiry.cut.contains(place) else { return }
        note(kind, at: place, of: baton, found: found, expected: expected)
    }

    /// Notes what follows from a record in its own time, and has not followed yet.
    mutating func await(
        _ kind: String, after cause: Cause, of baton: BatonID? = nil, _ inquiry: Inquiry, found: String,
        expected: String
    ) {
        open += 1
        guard inquiry.cut.contains(cause.place), cause.age(at: inquiry.now) > inquiry.patience else { return }
        note(kind, at: cause.place, of: baton, found: found, expected: expected)
    }

    /// What was found, in an order that does not depend on dictionaries.
    func verdict(_ note: String? = nil) -> Verdict {
        Verdict(looked: looked, open: open, violations: violations.sorted(by: Violation.isBefore), note: note)
    }
}

extension Violation {
    fileprivate static func isBefore(_ left: Violation, _ right: Violation) -> Bool {
        switch (left.place, right.place) {
        case (let left?, let right?) where left != right: left < right
        case (nil, .some): true
        case (.some, nil): false
        default: (left.kind, left.found) < (right.kind, right.found)
        }
    }
}

/// A record from which something must follow.
struct Cause: Sendable, Hashable {
    var place: Place
    private var claimedAt: Timestamp
    private var seenAt: Timestamp

    init(_ fact: Fact) {
        place = fact.place
        claimedAt = fact.claimedAt
        seenAt = fact.seenAt
    }

    /// The longer of two: a writer's clock may be ahead, and the judge may have come late.
    func age(at now: Timestamp) -> Duration { max(now - claimedAt, now - seenAt) }
}
