// SPDX-License-Identifier: Apache-2.0

import Baton
import Testing

@testable import RaceView
@testable import RelayClients
@testable import RelayCommands
@testable import RelaySupervisor

@Suite("An interrupted run")
struct RunCourseTests {
    private let layout = SuiteLayout(dataDirectory: "/data/my relay")
    private let baton = BatonID(source: "relay-cli", id: "1")

    private func words(isOurs: Bool) -> String {
        let suite = RunningSuite(
            layout: layout, bootstrapServers: "k", captain: "http://c", inference: nil, isOurs: isOurs)
        return RunCourse.consequence(of: baton, on: Track(suite), again: "relay run p --id 1", layout)
    }

    @Test("whose relay stops says that the baton waits, and how to go on with it or call it off")
    func ours() {
        let said = words(isOurs: true)
        #expect(said.contains("the baton \(baton) has not ended"))
        #expect(said.contains("`relay up --data-directory '/data/my relay'`"))
        #expect(said.contains("relay run p --id 1\n"))
        #expect(said.contains("relay cancel \(baton) --reason interrupted --data-directory '/data/my relay'"))
        #expect(said.contains("drops the release"))
    }

    @Test("on a relay that goes on says that the baton goes on, without its traffic")
    func joined() {
        let said = words(isOurs: false)
        #expect(said.contains("the baton \(baton) goes on without this command, and without its sample traffic"))
        #expect(said.contains("relay status \(baton) --watch --data-directory '/data/my relay'"))
    }

    @Test("before anything was asked for has nothing to say")
    func nothing() { #expect(RunCourse().consequence(again: "", layout) == nil) }
}

@Suite("The summary of a race")
struct SummaryTests {
    @Test("names what failed: latency is no drift")
    func latency() throws {
        var report = try ShowFixture().dropped("watch: the release is failing: latency")
        let rates = WatchReport.Window(
            from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: 10), predictions: 9, requestsPerSecond: 1,
            errorRate: 0, latencyMilliseconds: .init(p50: 1, p90: 2, p99: 900))
        report.state.results.watch = WatchReport(
            verdict: .failing, findings: ["The 99th percentile of latency is 900 ms."], total: rates, windows: [],
            drift: [.init(name: "width", index: 0.01, noise: 0.1, drifted: false)])
        let lines = Summary(report, traffic: nil, screen: "s").lines
        #expect(lines.contains { $0.hasPrefix("  watch") && $0.contains("failing: The 99th percentile of latency") })
        #expect(lines.contains { $0.hasPrefix("  drift") && $0.contains("none, highest index 0.01 (width)") })
        #expect(!lines.contains { $0.hasPrefix("  drift") && $0.contains("failing") })
    }

    @Test("names who failed, by whose log it is explained")
    func failedAt() throws {
        let summary = Summary(try ShowFixture().dropped("build: no"), traffic: nil, screen: "s")
        let failed = try #require(summary.failedAt)
        #expect(failed == Summary.Failed(duty: .build, leg: .pipeline, lane: .fallback))
        #expect(SuiteLayout(dataDirectory: "/d").log(failed) == "/d/logs/pipeline-fallback.log")
    }
}
