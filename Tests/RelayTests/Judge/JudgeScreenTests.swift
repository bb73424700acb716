// SPDX-License-Identifier: Apache-2.0

import Baton
import Testing

@testable import JudgeRules
@testable import RelayClients

@Suite("A screen that is watched")
struct JudgeScreenTests {
    /// Every kind of violation that a screen can show; each has its test here.
    static let kinds = ["silent", "event-missing", "number-back", "backwards", "stale"]

    let baton = BatonID(source: "ci", id: "1")
    let start = Timestamp(milliseconds: 1_790_000_000_000)

    /// A feed that ticks twice a second.
    struct Feed {
        var judge = RuleSet()
        var now: Timestamp
        var id = Sight.EventID(epoch: "a", sequence: 0)

        mutating func say(_ what: Sight.What) { judge.observe(Sight(at: now, what: what)) }

        mutating func tick(
            for time: Duration = .milliseconds(500), kafkaAge: Duration = .milliseconds(100), complete: Bool = true
        ) {
            let end = now + time
            while now < end {
                now = now + .milliseconds(500)
                say(.tick(newest: id, isComplete: complete, kafkaAge: kafkaAge))
            }
        }

        mutating func next() -> Sight.EventID {
            id.sequence += 1
            return id
        }

        mutating func state(_ baton: BatonID, version: Int) {
            let state = SeenState(
                baton: baton, derived: baton, isKeyed: true, origin: ShortDigest("request"), requestedAt: now,
                changedAt: now, version: version, current: nil, ending: Ending(.refused), accepted: [], parts: [:],
                usage: [], closing: nil, isLive: false)
            judge.observe(
                Fact(
                    place: Place(channel: .batons, partition: 1, offset: Int64(version)), claimedAt: now, seenAt: now,
                    content: .state(state)))
        }

        var violations: [Violation] {
            judge.judgements(at: now).filter { $0.rule == ScreenRule.name }.flatMap(\.verdict.violations)
        }
    }

    func feed() -> Feed {
        var feed = Feed(now: start)
        feed.say(.connected)
        feed.say(.snapshot(feed.id, versions: [baton: 3]))
        feed.tick()
        feed.say(.following)
        return feed
    }

    @Test("and that shows every change in time is as it should be")
    func legal() {
        var feed = feed()
        feed.state(baton, version: 4)
        feed.tick(for: .seconds(2))
        feed.say(.baton(feed.next(), baton, version: 4))
        feed.say(.other(feed.next()))
        feed.tick(for: .seconds(20))
        #expect(feed.violations == [])
    }

    @Test("may be away for as long as its captain restarts, and then shows everything anew")
    func restart() {
        var feed = feed()
        feed.say(.disconnected)
        feed.state(baton, version: 4)
        feed.now = feed.now + .seconds(6)
        feed.id = Sight.EventID(epoch: "b", sequence: 0)
        feed.say(.connected)
        feed.tick(for: .seconds(5), complete: false)
        feed.say(.snapshot(feed.id, versions: [baton: 4]))
        feed.tick(for: .seconds(9))
        #expect(feed.violations == [])
    }

    @Test("and says nothing for longer than its bound is named, whether it comes back or not")
    func silent() {
        var feed = feed()
        feed.now = feed.now + .milliseconds(8_100)
        #expect(feed.violations.map(\.kind) == ["silent"])
        feed.tick()
        #expect(feed.violations.map(\.kind) == ["silent"])
    }

    @Test("and leaves out a number is named")
    func missing() {
        var feed = feed()
        _ = feed.next()
        feed.say(.other(feed.next()))
        #expect(feed.violations.map(\.kind) == ["event-missing"])
        _ = feed.next()
        feed.tick()
        #expect(feed.violations.map(\.kind) == ["event-missing", "event-missing"])
    }

    @Test("and counts backwards is named, in events and in snapshots")
    func back() {
        var feed = feed()
        for _ in 0..<3 { feed.say(.other(feed.next())) }
        feed.say(.other(Sight.EventID(epoch: "a", sequence: 2)))
        #expect(feed.violations.map(\.kind) == ["number-back"])
        feed.say(.snapshot(Sight.EventID(epoch: "a", sequence: 1), versions: [:]))
        #expect(feed.violations.map(\.kind) == ["number-back", "number-back"])
    }

    @Test("and shows an older version of a baton is named, in events and in snapshots")
    func backwards() {
        var feed = feed()
        feed.say(.baton(feed.next(), baton, version: 2))
        feed.say(.snapshot(feed.id, versions: [baton: 1]))
        #expect(feed.violations.map(\.kind) == ["backwards", "backwards"])
        #expect(feed.violations.allSatisfy { $0.baton == baton })
    }

    @Test("and keeps ticking without showing what Kafka has is named with that state's place")
    func stale() {
        var feed = feed()
        feed.state(baton, version: 4)
        feed.tick(for: .milliseconds(7_500))
        #expect(feed.violations == [])
        feed.tick(for: .seconds(1))
        #expect(feed.violations.map(\.kind) == ["stale"])
        #expect(feed.violations.first?.place == Place(channel: .batons, partition: 1, offset: 4))
    }

    @Test("and says that it cannot hear Kafka has its time again once it can")
    func marked() {
        var feed = feed()
        feed.state(baton, version: 4)
        feed.tick(for: .seconds(20), kafkaAge: .seconds(5))
        feed.tick(for: .seconds(7))
        #expect(feed.violations == [])
        feed.tick(for: .seconds(2))
        #expect(feed.violations.map(\.kind) == ["stale"])
    }

    @Test("is read from server-sent events as the captain writes them")
    func parsed() throws {
        var reader = FeedReader()
        let lines = [
            "retry: 1000", "id: k9-7", "event: snapshot",
            #"data: {"batons":[{"state":{"id":"\#(baton)","version":4}}],"now":"2026-11-24T12:00:00.000Z"}"#, "",
            "event: tick",
            #"data: {"complete":true,"kafkaAnsweredAt":"2026-11-24T12:00:00.000Z","#
                + #""newest":"k9-7","now":"2026-11-24T12:00:01.500Z"}"#,
            "", "id: k9-8", "event: journal", "data: {}", "",
        ]
        let sights = try lines.compactMap { try reader.take($0, at: start)?.what }
        let id = Sight.EventID(epoch: "k9", sequence: 7)
        #expect(
            sights == [
                .snapshot(id, versions: [baton: 4]),
                .tick(newest: id, isComplete: true, kafkaAge: .milliseconds(1500)),
                .other(Sight.EventID(epoch: "k9", sequence: 8)),
            ])
        #expect(throws: Refusal.self) {
            _ = try reader.take("event: tick", at: start)
            _ = try reader.take("data: {}", at: start)
            _ = try reader.take("", at: start)
        }
    }
}
