// SPDX-License-Identifier: Apache-2.0

import Baton

/// The screen is never silent, and never shows what is no longer true, for longer than its bound without saying so.
///
/// The page marks itself: it calls 3 s without a word a silence, and a Kafka that has not answered for 4 s away. So a
/// state that is late counts from when the feed is whole again. A silence counts however it came about.
struct ScreenRule: Rule {
    static let name = "screen"
    static let law = "the screen ticks, its numbers go forward, and it shows what is true within its bound"

    /// How the page marks staleness itself.
    private static let silence = Duration.seconds(3)
    private static let kafkaAway = Duration.seconds(4)
    /// Snapshots of more batons may leave some out.
    private static let wholeSnapshot = 16

    private struct Due: Sendable {
        var version: Int
        var from: Timestamp
        var place: Place
    }

    private let bound: Duration
    private var heardAt: Timestamp?
    private var tickedAt: Timestamp?
    private var isWhole = false
    private var isFollowing = false
    private var last: Sight.EventID?
    private var shown: [BatonID: Int] = [:]
    private var due: [BatonID: Due] = [:]
    private var longest = Duration.zero
    private var late = 0
    private var findings = Findings(name)

    init(bound: Duration) { self.bound = bound }

    mutating func observe(_ fact: Fact) {
        guard isFollowing, case .state(let state) = fact.content else { return }
        if shown[state.baton] ?? 0 < state.version, due[state.baton]?.version ?? 0 < state.version {
            // The oldest state that is not shown yet decides.
            let from = due[state.baton]?.from ?? fact.seenAt
            due[state.baton] = Due(version: state.version, from: from, place: fact.place)
        }
    }

    mutating func observe(_ sight: Sight) {
        if sight.what == .following { return isFollowing = heardAt != nil }
        if sight.what == .disconnected {
            isWhole = false
            tickedAt = nil
            return
        }
        hear(at: sight.at)
        findings.looked += 1
        switch sight.what {
        case .tick(let newest, let isComplete, let kafkaAge): tick(newest, isComplete, kafkaAge, sight.at)
        case .snapshot(let id, let versions): snapshot(id, versions)
        case .baton(let id, let baton, let version):
            number(id)
            show(baton, version)
        case .other(let id): number(id)
        case .connected, .disconnected, .following: break
        }
        judgeDue(at: sight.at)
    }

    // MARK: Time

    private mutating func hear(at now: Timestamp) {
        if let heardAt {
            longest = max(longest, now - heardAt)
            if now - heardAt > bound { noteSilence(from: heardAt, to: now) }
            if now - heardAt > Self.silence { isWhole = false }
        }
        heardAt = now
    }

    private mutating func noteSilence(from: Timestamp, to: Timestamp) {
        findings.note(
            "silent", at: nil, found: "nothing was heard from \(from) to \(to), \((to - from).seconds) s",
            expected: "a tick every second, and never \(bound.seconds) s without one", needsHistory: false)
    }

    private mutating func tick(_ newest: Sight.EventID, _ isComplete: Bool, _ kafkaAge: Duration?, _ now: Timestamp) {
        if let tickedAt, now - tickedAt > .seconds(1) { late += 1 }
        tickedAt = now
        if let last, last.epoch == newest.epoch, last.sequence != newest.sequence {
            findings.note(
                "event-missing", at: nil, found: "the feed is at \(newest), and \(last) was the last event",
                expected: "every event, in order", needsHistory: false)
            self.last = newest
        }
        let isNow = isComplete && kafkaAge.map { $0 <= Self.kafkaAway } ?? false
        // What was late while the screen said so is not: it has its time from now on.
        if isNow, !isWhole { for baton in due.keys { due[baton]?.from = now } }
        isWhole = isNow
    }

    // MARK: Events

    private mutating func number(_ id: Sight.EventID) {
        defer { last = id }
        guard let last, last.epoch == id.epoch, id.sequence != last.sequence + 1 else { return }
        findings.note(
            id.sequence <= last.sequence ? "number-back" : "event-missing", at: nil,
            found: "event \(id) after \(last)", expected: "\(last.epoch)-\(last.sequence + 1)", needsHistory: false)
    }

    private mutating func snapshot(_ id: Sight.EventID, _ versions: [BatonID: Int]) {
        if let last, last.epoch == id.epoch, id.sequence < last.sequence {
            findings.note(
                "number-back", at: nil, found: "a snapshot as of \(id) after \(last)", expected: "one as of \(last)",
                needsHistory: false)
        }
        last = id
        for (baton, version) in versions.sorted(by: { $0.key < $1.key }) { show(baton, version) }
        if versions.count >= Self.wholeSnapshot { due = due.filter { versions[$0.key] != nil } }
    }

    private mutating func show(_ baton: BatonID, _ version: Int) {
        if let before = shown[baton], version < before {
            findings.note(
                "backwards", at: nil, of: baton, found: "version \(version) is shown after \(before)",
                expected: "version \(before) or a later one", needsHistory: false)
        }
        shown[baton] = max(version, shown[baton] ?? 0)
        if let awaited = due[baton], awaited.version <= version { due[baton] = nil }
    }

    private mutating func judgeDue(at now: Timestamp) {
        guard isWhole else { return }
        for (baton, late) in due.sorted(by: { $0.key < $1.key }) where now - late.from > bound {
            findings.note(
                "stale", at: late.place, of: baton,
                found: "version \(late.version) is not shown after \((now - late.from).seconds) s, nor marked",
                expected: "that it is shown within \(bound.seconds) s", needsHistory: false)
            due[baton] = nil
        }
    }

    func verdict(_ inquiry: Inquiry) -> Verdict {
        guard let heardAt else { return Findings(Self.name).verdict("not watched: no --captain") }
        var rule = self
        if inquiry.now - heardAt > bound { rule.noteSilence(from: heardAt, to: inquiry.now) }
        rule.judgeDue(at: inquiry.now)
        let silence = max(longest, inquiry.now - heardAt)
        return rule.findings.verdict("longest silence \(silence.seconds) s, \(late) ticks later than 1 s")
    }
}
