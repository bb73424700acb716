// SPDX-License-Identifier: Apache-2.0

import Baton
import LegRuntime
import Testing

@testable import CaptainView

@Suite("The view that queries and the screen share")
struct ViewTests {
    private func started(_ id: String = "1") -> BatonState {
        var rounds = Rounds()
        _ = rounds.request(id)
        return rounds.state(of: BatonID(source: "ci", id: id)).unsafelyUnwrapped
    }

    private func progress(_ state: BatonState, attempt: Int = 1, fraction: Double = 0.5) -> Progress {
        Progress(
            baton: state.id, duty: .admission, attempt: attempt, lane: .primary, worker: "w", fraction: fraction,
            note: "asking", at: moment)
    }

    @Test("facts of one baton come together whatever their order")
    func anyOrder() throws {
        var view = RaceView()
        let state = started()
        let entry = JournalEntry(id: "1", baton: state.id, action: .takeoverOrdered, actor: "captain", at: moment)
        #expect(view.take(.progress(progress(state)), at: moment).isEmpty)
        _ = view.take(.journal(entry), at: moment)
        #expect(view.summaries(at: moment).isEmpty)
        #expect(view.take(.state(state), at: moment) == [.appeared(state.id)])
        let summary = try #require(view.summary(of: state.id, at: moment + .seconds(3)))
        #expect(summary.progress?.progress.fraction == 0.5)
        #expect(summary.takeovers == 1)
        #expect(summary.leg == .governance)
        #expect(summary.ageSeconds >= 2)
    }

    @Test("an older state and a known entry change nothing")
    func known() {
        var view = RaceView()
        let state = started()
        let entry = JournalEntry(id: "1", baton: state.id, action: .decided, actor: "x", at: moment)
        _ = view.take(.state(state), at: moment)
        #expect(view.take(.state(state), at: moment).isEmpty)
        #expect(view.take(.journal(entry), at: moment) == [.journal(entry)])
        #expect(view.take(.journal(entry), at: moment).isEmpty)
    }

    @Test("a report of another attempt is not shown as progress, and a fraction stays within its bounds")
    func otherAttempt() {
        var view = RaceView()
        let state = started()
        _ = view.take(.state(state), at: moment)
        _ = view.take(.progress(progress(state, attempt: 2)), at: moment)
        #expect(view.summary(of: state.id, at: moment)?.progress == nil)
        _ = view.take(.progress(progress(state, fraction: 7)), at: moment)
        #expect(view.summary(of: state.id, at: moment)?.progress?.progress.fraction == 1)
    }

    @Test("memory is bounded, and batons that are out are kept longest")
    func bounded() {
        var view = RaceView(limit: 16)
        let running = started("running")
        _ = view.take(.state(running), at: moment)
        for index in 0..<200 {
            var state = started("\(index)")
            state.current = nil
            state.ending = Ending(.finished)
            state.changedAt = moment + .seconds(index)
            _ = view.take(.state(state), at: moment)
        }
        let summaries = view.summaries(at: moment)
        #expect(summaries.count <= 18)
        #expect(summaries.contains { $0.id == running.id })
    }

    @Test("traffic is counted, and its rate and percentiles are of the last ten seconds")
    func traffic() {
        var meter = TrafficMeter(since: moment)
        for index in 0..<100 {
            meter.add(
                SeenPrediction(
                    baton: baton, status: index == 0 ? 503 : 200, latencyMilliseconds: Double(index), at: moment))
        }
        let report = meter.report(at: moment + .seconds(5))
        #expect(report.predictions == 100)
        #expect(report.failed == 1)
        #expect(report.requestsPerSecond == 20)
        #expect(report.latencyMilliseconds == .init(p50: 50, p90: 90, p99: 99))
        let later = meter.report(at: moment + .seconds(60))
        #expect(later.latencyMilliseconds == nil)
        #expect(later.predictions == 100)
        #expect(!meter.isChanged)
    }
}
