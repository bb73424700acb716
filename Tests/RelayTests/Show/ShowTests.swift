// SPDX-License-Identifier: Apache-2.0

import Baton
import Testing

@testable import RaceView

@Suite("What the terminal shows")
struct ShowTests {
    let id = BatonID(source: "s", id: "1")
    let begin = Timestamp(milliseconds: 1_000_000)

    func report(_ events: [RaceEvent]) throws -> BatonReport {
        let request = ReleaseRequest(project: .init(directory: "/p"), model: "iris", requester: "ann")
        var state: BatonState?
        var journal: [JournalEntry] = []
        for event in [RaceEvent.requested(request, source: "s", id: "1")] + events {
            let (next, commands) = Race().apply(event, to: state, of: id, now: begin)
            state = next
            journal += commands.compactMap { if case .journal(let entry) = $0 { entry } else { nil } }
        }
        return BatonReport(state: try #require(state), progress: nil, cost: nil, journal: journal, asOf: begin)
    }

    @Test("the duty that is out is marked with its lane and its time")
    func current() throws {
        let lines = RaceDrawing(hasColour: false).lines(
            try report([]), now: begin + .milliseconds(61_234), traffic: nil)
        #expect(lines.contains { $0.hasPrefix("  ▶ admission") && $0.contains("primary") && $0.contains("01:01.2") })
        #expect(lines.filter { $0.hasPrefix("  · ") }.count == Duty.allCases.count - 1)
    }

    @Test("a takeover shows the fallback lane and the attempt")
    func takeover() throws {
        let stalled = RaceEvent.stalled(AttemptKey(baton: id, duty: .admission, attempt: 1))
        let lines = RaceDrawing(hasColour: false).lines(try report([stalled]), now: begin, traffic: nil)
        #expect(lines.contains { $0.contains("fallback") && $0.contains("attempt 2") })
    }

    @Test("a captain that knows less than another takes nothing back, and one that knows nothing says nothing")
    func newest() throws {
        var older = try report([])
        var newer = older
        (older.state.version, newer.state.version) = (1, 2)
        var newest = NewestReport()
        #expect(newest.take(nil) == nil)
        #expect(newest.take(older) == older)
        #expect(newest.take(newer) == newer)
        #expect(newest.take(older) == nil)
        #expect(newest.take(newer) == newer)
    }

    @Test("an end shows its reason")
    func ending() throws {
        let refused = Handoff(
            baton: id, duty: .admission, attempt: 1, lane: .primary, worker: "g", outcome: .refused,
            reason: "unknown requester", startedAt: begin, finishedAt: begin)
        let report = try report([.handedOff(refused)])
        let lines = RaceDrawing(hasColour: false).lines(report, now: begin, traffic: nil)
        #expect(lines.last == "  refused: unknown requester")
        #expect(lines.contains { $0.hasPrefix("  ✘ admission") })
        #expect(Summary(report, traffic: nil, screen: "http://x").ending.reason == "unknown requester")
    }

    @Test("a release that a newer one outran is shown as superseded, not as dropped")
    func superseded() throws {
        let newer = BatonID(source: "s", id: "2")
        let outran = Handoff(
            baton: id, duty: .admission, attempt: 1, lane: .primary, worker: "d", outcome: .failed,
            supersededBy: newer, startedAt: begin, finishedAt: begin)
        let report = try report([.handedOff(outran)])
        let sentence = "superseded by \(newer), which was asked for later"
        #expect(RaceDrawing(hasColour: false).lines(report, now: begin, traffic: nil).last == "  \(sentence)")
        #expect(BatonLine(report).summary == sentence)
        #expect(Summary(report, traffic: nil, screen: "http://x").lines.contains { $0.hasSuffix(sentence) })
        let last = try #require(report.journal.last)
        #expect(RaceShow.sentence(last, report.state) == "ended  \(sentence)  [captain]")
    }

    @Test("without colours no line holds an escape")
    func plain() throws {
        let lines = RaceDrawing(hasColour: false).lines(try report([]), now: begin, traffic: TrafficCount())
        #expect(!lines.contains { $0.contains("\u{1B}") })
    }
}

@Suite("Rising demand")
struct RisingDemandTests {
    let demand = RisingDemand(over: .seconds(10))

    @Test("it rises from 10 to 10,000 requests a minute and stays there")
    func rates() {
        #expect(demand.perMinute(at: .zero) == 10)
        #expect(abs(demand.perMinute(at: .seconds(10)) - 10_000) < 1e-6)
        #expect(abs(demand.perMinute(at: .seconds(99)) - 10_000) < 1e-6)
    }

    @Test("the total is the integral of the rate")
    func integral() {
        var sum = 0.0
        let step = Duration.milliseconds(1)
        var time = Duration.zero
        while time < .seconds(12) {
            sum += demand.perMinute(at: time + step / 2) / 60 * 0.001
            time += step
        }
        #expect(abs(demand.total(at: .seconds(12)) - sum) < 0.01 * sum)
    }
}
