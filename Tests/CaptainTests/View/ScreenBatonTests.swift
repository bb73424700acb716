// SPDX-License-Identifier: Apache-2.0

import Baton
import Testing

@testable import CaptainView

@Suite("What the screen is told of a baton")
struct ScreenBatonTests {
    private func started() -> BatonState {
        var rounds = Rounds()
        _ = rounds.request()
        return rounds.state(of: baton).unsafelyUnwrapped
    }

    /// A baton that has come as far as to its end, every duty with its part.
    private func ended() -> BatonState {
        var state = started()
        for (index, duty) in Duty.allCases.enumerated() {
            state.results.merge(.part(duty))
            state.accepted.append(accepted(duty, at: moment + .seconds(index)))
        }
        state.current = nil
        state.ending = Ending(.finished)
        state.version += 1
        return state
    }

    /// As it is written: the captain alone makes one.
    private func accepted(_ duty: Duty, at time: Timestamp) -> BatonState.Accepted {
        let text = """
            {"duty":"\(duty.rawValue)","attempt":1,"lane":"primary","worker":"w","outcome":"completed",
             "acceptedAt":"\(time)"}
            """
        return (try? JSON.decode(BatonState.Accepted.self, from: Array(text.utf8))).unsafelyUnwrapped
    }

    private func takeover(_ id: String = "1", lane: RaceLane = .fallback) -> JournalEntry {
        JournalEntry(
            id: id, baton: baton, action: .takeoverOrdered, actor: "captain", duty: .admission, attempt: 2, lane: lane,
            at: moment)
    }

    private func shown(_ state: BatonState, _ journal: [JournalEntry] = []) throws -> ScreenBaton {
        var view = RaceView()
        _ = view.take(.state(state), at: moment)
        for entry in journal { _ = view.take(.journal(entry), at: moment) }
        return try #require(view.screen(of: state.id, at: moment, withJournal: true))
    }

    @Test("a new baton is at the first duty, and has the course ahead")
    func course() throws {
        let stops = try shown(started()).track.stops
        #expect(stops.map(\.duty) == Duty.allCases)
        #expect(stops.map(\.standing) == [.now] + Array(repeating: .ahead, count: 6))
        #expect(stops.map(\.attempt) == [1] + Array(repeating: nil, count: 6))
    }

    @Test("what counted is done or failed, and behind an ending nothing lies ahead")
    func past() throws {
        var state = ended()
        #expect(try shown(state).track.stops.map(\.standing) == Array(repeating: .done, count: 7))
        state.accepted = Array(state.accepted.prefix(3))
        state.accepted[2].outcome = .failed
        let stops = try shown(state).track.stops
        #expect(stops.map(\.standing) == [.done, .done, .failed])
    }

    @Test("each lane that was taken over from is told once, however often")
    func lost() throws {
        let track = try shown(started(), [takeover("1"), takeover("2", lane: .primary), takeover("3")]).track
        #expect(
            track.lost == [
                .init(duty: .admission, lane: .primary), .init(duty: .admission, lane: .fallback),
            ])
    }

    @Test("a decision that is counted has the counts and the track told with it")
    func counted() throws {
        var view = RaceView()
        #expect(view.take(.journal(takeover("0")), at: moment) == [.journal(takeover("0"))])
        _ = view.take(.state(started()), at: moment)
        #expect(view.take(.journal(takeover()), at: moment) == [.journal(takeover()), .baton(baton)])
        #expect(view.screen(of: baton, at: moment, withJournal: false)?.summary.takeovers == 2)
        let plain = JournalEntry(id: "x", baton: baton, action: .decided, actor: "x", at: moment)
        #expect(view.take(.journal(plain), at: moment) == [.journal(plain)])
    }

    @Test("the parts that a race handed over come as values: gates, lanes, the artifact, and when they were known")
    func release() throws {
        var state = ended()
        state.isLive = true
        let release = try shown(state).release
        #expect(release.gates?.map(\.name) == ["artifact", "accuracy", "golden requests"])
        #expect(release.lanes?.isServing == true && release.lanes?.lanes.count == 3)
        #expect(release.artifact?.metrics.map(\.name) == ["accuracy", "auc"])
        #expect(release.asOf == moment + .seconds(4))
        let nothing = try shown(started()).release
        #expect(nothing.gates == nil && nothing.lanes == nil && nothing.artifact == nil && nothing.asOf == nil)
    }

    @Test("a column's drift is told as a part of its bound, which is the larger of what is allowed and of chance")
    func drift() throws {
        var state = ended()
        state.results.watch?.drift = [
            .init(name: "small", index: 0.02, noise: 0.05, drifted: false),
            .init(name: "noisy", index: 0.3, noise: 0.6, drifted: false),
            .init(name: "over", index: 0.3, noise: 0.05, drifted: true),
        ]
        let drift = try #require(try shown(state).watch).drift
        #expect(drift.map(\.name) == ["over", "noisy", "small"])
        #expect(drift.map { ($0.share * 100).rounded() } == [150, 50, 10])
    }

    @Test("a cost is final once the books are closed")
    func cost() throws {
        #expect(try shown(ended()).summary.cost?.isFinal == true)
        var view = RaceView()
        var state = started()
        state.results.admission = Results.part(.admission).admission
        _ = view.take(.state(state), at: moment)
        let signal = Signal(
            name: "cost", level: .info, baton: baton, model: nil, text: "", values: ["total": 1], at: moment)
        #expect(view.take(.signal(signal), at: moment) == [.summary(baton)])
        #expect(view.summary(of: baton, at: moment)?.cost?.isFinal == false)
    }

    @Test("an ending says as what, in words, and whether something is still withdrawn")
    func ending() throws {
        var state = started()
        state.ending = Ending(supersededBy: BatonID(source: "ci", id: "2"))
        let outcome = try #require(try shown(state).ending)
        #expect(outcome.phase == .superseded && outcome.isWithdrawing)
        #expect(outcome.sentence == state.ending?.sentence)
        #expect(try shown(started()).ending == nil)
    }

    @Test("of signals about a baton the newest of each name is told, all of them with each change")
    func signals() {
        func signal(_ name: String, _ text: String, after seconds: Int) -> Signal {
            Signal(
                name: name, level: .warning, baton: baton, model: nil, text: text, values: [:],
                at: moment + .seconds(seconds))
        }
        var view = RaceView()
        #expect(view.take(.signal(signal("drift", "a", after: 0)), at: moment).isEmpty)
        _ = view.take(.state(started()), at: moment)
        #expect(view.take(.signal(signal("lanes", "b", after: 1)), at: moment) == [.signals(baton)])
        _ = view.take(.signal(signal("drift", "c", after: 2)), at: moment)
        #expect(view.signals(about: baton).map(\.text) == ["c", "b"])
    }

    @Test("an alert is told when it is raised and when it is over, and not otherwise")
    func alerts() {
        func alert(_ level: Signal.Level) -> Signal {
            Signal(name: "disk", level: level, baton: nil, model: nil, text: "full", values: [:], at: moment)
        }
        var view = RaceView()
        #expect(view.take(.signal(alert(.info)), at: moment).isEmpty)
        #expect(view.take(.signal(alert(.critical)), at: moment) == [.alerts])
        #expect(view.alerts.map(\.text) == ["full"])
        #expect(view.take(.signal(alert(.info)), at: moment) == [.alerts])
        #expect(view.alerts.isEmpty)
    }

    @Test("the newest batons and those that are still out are told to who has nothing, with the newest decisions")
    func snapshot() {
        var view = RaceView()
        var running = started()
        running.requestedAt = moment + .seconds(-100)
        _ = view.take(.state(running), at: moment)
        for index in 0..<30 {
            var state = ended()
            state.id = BatonID(source: "ci", id: "done-\(index)")
            _ = view.take(.state(state), at: moment)
        }
        for index in 0..<80 { _ = view.take(.journal(takeover("\(index)")), at: moment) }
        let batons = view.snapshot(at: moment).batons
        #expect(batons.count == RaceView.snapshotLimit + 1)
        #expect(batons.last?.id == running.id)
        #expect(batons.last?.journal?.count == RaceView.shownJournalLimit)
        #expect(batons.last?.journal?.last?.id == "79")
    }
}
