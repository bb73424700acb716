// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RoutingRules

@Suite("Choosing a lane")
struct LaneRosterTests {
    struct Lane: Identifiable, Sendable { let id: String }

    func roster(_ ids: [String]) -> LaneRoster<Lane> {
        var roster = LaneRoster<Lane>()
        for id in ids { roster.add(Lane(id: id)) }
        return roster
    }

    func choose(_ roster: inout LaneRoster<Lane>, except tried: String? = nil, now: ContinuousClock.Instant) -> String {
        switch roster.checkOut(except: tried, now: now) {
        case .lane(let lane): lane.id
        case .noneReady: "none"
        case .closed: "closed"
        }
    }

    let now = ContinuousClock.now

    @Test("requests spread evenly, and the lane with the least to do comes first")
    func leastOutstanding() {
        var roster = roster(["a", "b", "c"])
        let chosen = (0..<6).map { _ in choose(&roster, now: now) }
        #expect(Set(chosen.prefix(3)) == ["a", "b", "c"])
        #expect(roster.outstanding == 6)
        roster.checkIn("b", stumbled: false, now: now)
        #expect(choose(&roster, now: now) == "b")
    }

    @Test("a lane that stumbled is avoided, longer each time, unless there is no other")
    func avoidance() {
        var roster = roster(["a", "b"])
        for _ in 0..<2 { _ = choose(&roster, now: now) }
        roster.checkIn("a", stumbled: true, now: now)
        #expect((0..<5).allSatisfy { _ in choose(&roster, now: now) == "b" })
        #expect(choose(&roster, now: now + .seconds(2)) == "a")
        roster.checkIn("a", stumbled: true, now: now)
        #expect(choose(&roster, now: now + .milliseconds(1900)) == "b")
        roster.remove("b")
        #expect(choose(&roster, except: "a", now: now) == "a")
        roster.remove("a")
        #expect(choose(&roster, now: now) == "none")
    }

    @Test("a closed roster gives no more lanes and counts down what is under way")
    func closed() {
        var roster = roster(["a"])
        _ = choose(&roster, now: now)
        roster.close()
        #expect(choose(&roster, now: now) == "closed")
        roster.checkIn("a", stumbled: false, now: now)
        roster.checkIn("gone", stumbled: true, now: now)
        #expect(roster.outstanding == 0)
    }
}
