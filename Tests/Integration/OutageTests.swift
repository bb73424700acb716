// SPDX-License-Identifier: Apache-2.0

import Foundation
import Operations
import TestSupport
import Testing

extension WholeRelay {
    @Suite("A relay whose broker is away at the end of a watch")
    struct Outage {
        /// Sends requests to the live release, a few at a time.
        private func play(_ count: Int, to endpoint: String) async throws {
            let file = "\(TestRelay.package)/Tests/Fixtures/quick/inputs/requests.jsonl"
            let bodies = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map { Array($0.utf8) }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        var answered = 0
                        for number in stride(from: worker, to: count, by: 4) {
                            let answer = try await HTTPClient(timeout: .seconds(5)).post(
                                "\(endpoint)/v2/models/quick/infer", body: bodies[number % bodies.count])
                            answered += answer.isSuccess ? 1 : 0
                        }
                        return answered
                    }
                }
                let answered = try await group.reduce(0, +)
                #expect(answered == count)
            }
        }

        @Test("releases what was well all along, and counts what was answered meanwhile", .timeLimit(.minutes(2)))
        func outage() async throws {
            try await TestRelay.with { relay in
                let project = try relay.project {
                    try $0.edit("relay.yaml", "period: 2s", "period: 5s")
                    try $0.edit("relay.yaml", "minimumPredictions: 10", "minimumPredictions: 80")
                }
                let baton = try await relay.release(project)
                try await relay.working(baton, at: "watch", hasBegun: false)
                let endpoint = try #require(try await relay.look(baton)?.state.results.rollout?.endpoint)
                try await play(20, to: endpoint)
                try relay.signal("broker", SIGSTOP)
                let stopped = ContinuousClock.now
                try await play(60, to: endpoint)
                // Until behind the end of the period, or four seconds of an outage.
                try await Task.sleep(until: stopped + .seconds(4))
                try relay.signal("broker", SIGCONT)
                let seen = try await eventually(within: .seconds(60), "the end of \(baton)") {
                    try await relay.look(baton).flatMap { $0.hasEnded ? $0 : nil }
                }
                #expect(seen.state.ending?.kind == "finished", "\(seen.state.ending?.reason ?? "")")
                let (verdict, code) = try await relay.judge(["--until-settled", "30s"])
                #expect(code == 0, "\(verdict.violations)")
            }
        }
    }
}
