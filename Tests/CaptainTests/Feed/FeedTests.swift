// SPDX-License-Identifier: Apache-2.0

import Baton
import LegRuntime
import Operations
import Testing

@testable import CaptainFeed
@testable import CaptainView

@Suite("The live feed", .timeLimit(.minutes(1)))
struct FeedTests {
    private let feed = LiveFeed(startedAt: moment, sources: ["past"], metrics: Metrics())

    /// The names and ids of the events in what was sent.
    private func events(_ bytes: [UInt8]) -> [(name: String, id: String?, data: String)] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n\n").compactMap { block in
            var fields: [String: String] = [:]
            for line in block.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                fields[String(parts[0])] = parts.count > 1 ? String(parts[1].dropFirst()) : ""
            }
            return fields["event"].map { ($0, fields["id"], fields["data"] ?? "") }
        }
    }

    private func state() -> BatonState {
        var rounds = Rounds()
        _ = rounds.request()
        return rounds.state(of: baton).unsafelyUnwrapped
    }

    private func ready() {
        feed.take([.state(state())], at: moment)
        feed.caughtUp("past", at: moment)
    }

    @Test("a client gets the whole first, then changes in order with consecutive ids")
    func order() async throws {
        ready()
        let subscription = try #require(feed.subscribe(lastEventID: nil, at: moment))
        var received = subscription.events.makeAsyncIterator()
        let welcome = events(try #require(await received.next()))
        #expect(welcome.map(\.name) == ["snapshot", "tick"])
        #expect(welcome[0].data.contains(baton.description))
        let entry = JournalEntry(id: "j", baton: baton, action: .decided, actor: "x", at: moment)
        feed.take([.journal(entry), .journal(entry)], at: moment)
        let prediction = SeenPrediction(baton: baton, status: 200, latencyMilliseconds: 2, at: moment)
        feed.take([.prediction(prediction)], at: moment)
        feed.tick(at: moment + .seconds(1))
        let journal = events(try #require(await received.next()))
        let traffic = events(try #require(await received.next()))
        let tick = events(try #require(await received.next()))
        #expect([journal, traffic, tick].map { $0[0].name } == ["journal", "traffic", "tick"])
        let epoch = String(moment.milliseconds, radix: 36)
        #expect([welcome, journal, traffic].map { $0[0].id } == ["\(epoch)-1", "\(epoch)-2", "\(epoch)-3"])
        #expect(tick[0].id == nil)
        #expect(tick[0].data.contains("\"newest\":\"\(epoch)-3\""))
        #expect(tick[0].data.contains((moment + .seconds(1)).description))
    }

    @Test("a client that comes back is told what it missed, and everything when that is forgotten")
    func replay() async throws {
        ready()
        _ = try #require(feed.subscribe(lastEventID: nil, at: moment))
        let epoch = String(moment.milliseconds, radix: 36)
        for index in 0..<3 {
            feed.take(
                [.journal(JournalEntry(id: "\(index)", baton: baton, action: .decided, actor: "x", at: moment))],
                at: moment)
        }
        for (id, names) in [
            ("\(epoch)-2", ["journal", "journal", "tick"]), ("\(epoch)-4", ["tick"]),
            ("\(epoch)-9", ["snapshot", "tick"]), ("old-1", ["snapshot", "tick"]), ("nonsense", ["snapshot", "tick"]),
        ] {
            let subscription = try #require(feed.subscribe(lastEventID: id, at: moment))
            var received = subscription.events.makeAsyncIterator()
            #expect(events(try #require(await received.next())).map(\.name) == names)
        }
    }

    @Test("who comes back when nobody has watched for a minute gets everything, for nothing was kept")
    func unwatched() async throws {
        ready()
        let first = try #require(feed.subscribe(lastEventID: nil, at: moment))
        var told = first.events.makeAsyncIterator()
        let welcome = try #require(await told.next())
        let seen = try #require(events(welcome)[0].id)
        feed.tick(at: moment)
        func happens(_ id: String, at time: Timestamp) {
            let entry = JournalEntry(id: id, baton: baton, action: .decided, actor: "x", at: time)
            feed.take([.journal(entry)], at: time)
        }
        feed.leave(first.id)
        happens("1", at: moment + .seconds(59))
        let soon = try #require(feed.subscribe(lastEventID: seen, at: moment + .seconds(59)))
        var received = soon.events.makeAsyncIterator()
        #expect(events(try #require(await received.next())).map(\.name) == ["journal", "tick"])
        feed.leave(soon.id)
        happens("2", at: moment + .seconds(120))
        let late = try #require(feed.subscribe(lastEventID: seen, at: moment + .seconds(120)))
        received = late.events.makeAsyncIterator()
        #expect(events(try #require(await received.next())).map(\.name) == ["snapshot", "tick"])
    }

    @Test("until the past is read a client hears ticks that say so, then the whole")
    func restoring() async throws {
        let subscription = try #require(feed.subscribe(lastEventID: "old-7", at: moment))
        var received = subscription.events.makeAsyncIterator()
        let welcome = events(try #require(await received.next()))
        #expect(welcome.map(\.name) == ["tick"])
        #expect(welcome[0].data.contains("\"complete\":false"))
        feed.take([.state(state())], at: moment)
        feed.caughtUp("past", at: moment)
        #expect(events(try #require(await received.next())).map(\.name) == ["snapshot"])
    }

    @Test("a client that does not keep up is cut off, and others are not")
    func slow() async throws {
        ready()
        let slow = try #require(feed.subscribe(lastEventID: nil, at: moment))
        for _ in 0..<(LiveFeed.queueLimit + 10) { feed.tick(at: moment) }
        var count = 0
        for await _ in slow.events { count += 1 }
        #expect(count == LiveFeed.queueLimit)
        #expect(feed.subscribe(lastEventID: nil, at: moment) != nil)
    }

    @Test("the clock ticks the feed without anything else happening")
    func heartbeat() async throws {
        ready()
        let subscription = try #require(feed.subscribe(lastEventID: nil, at: moment))
        let clock = FeedClock(feed: feed, clock: SystemClock(), period: .milliseconds(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clock.run() }
            var seen = 0
            for await event in subscription.events where events(event)[0].name == "tick" {
                seen += 1
                if seen == 3 { break }
            }
            group.cancelAll()
            try await group.waitForAll()
            #expect(seen == 3)
        }
    }
}
