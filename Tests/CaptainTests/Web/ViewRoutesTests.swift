// SPDX-License-Identifier: Apache-2.0

import Baton
import CaptainView
import CaptainWeb
import LegRuntime
import Operations
import Testing

@testable import CaptainFeed

@Suite("What may be looked at over HTTP", .timeLimit(.minutes(1)))
struct ViewRoutesTests {
    private let feed = LiveFeed(startedAt: moment, sources: ["past"], metrics: Metrics())

    private func ready() {
        var rounds = Rounds()
        _ = rounds.request()
        feed.take([.state(rounds.state(of: baton).unsafelyUnwrapped)], at: moment)
        feed.caughtUp("past", at: moment)
    }

    @Test("queries answer in the form that other programs read, and say what is wrong with an id")
    func queries() async throws {
        ready()
        let routes = ViewRoutes(feed: feed, clock: SystemClock(), remembered: 10)
        try await withServer(routes.add) { url in
            let list = try await HTTPClient().get(url + "/batons")
            #expect(try JSON.decode(BatonList.self, from: list.body).batons.map(\.id) == [baton])
            #expect(list.text.contains("\"leg\":\"governance\""))
            let one = try await HTTPClient().get(url + "/batons/\(baton)")
            #expect(try JSON.decode(BatonReport.self, from: one.body).state.id == baton)
            #expect(try await HTTPClient().get(url + "/batons/nothing").status == 400)
            #expect(try await HTTPClient().get(url + "/batons/\(BatonID(source: "x", id: "y"))").status == 404)
        }
    }

    @Test("the feed is served as server-sent events")
    func served() async throws {
        ready()
        let routes = ViewRoutes(feed: feed, clock: SystemClock(), remembered: 10)
        try await withServer(routes.add) { url in
            try await HTTPClient().lines(url + "/feed") { line in !line.hasPrefix("event: tick") }
        }
    }
}
