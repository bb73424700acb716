// SPDX-License-Identifier: Apache-2.0

import Foundation
import Operations
import TestSupport
import Testing

extension WholeRelay {
    @Suite("A relay whose traces are collected")
    struct Traced {
        static let trace = "0af7651916cd43dd8448eb211c80319c"
        static let caller = "b7ad6b7169203331"
        static let duties = ["admission", "build", "verification", "approval", "rollout", "watch", "closing"]

        @Test(
            "shows a race as one trace from its request on, a takeover included, and each log line says whose it is",
            .timeLimit(.minutes(3)))
        func race() async throws {
            try await TestCollector.with { collector in
                try await TestRelay.with(environment: ["RELAY_TRACES_ENDPOINT": collector.url]) { relay in
                    let baton = try await Self.raceWithTakeover(relay)
                    let spans = try await eventually(within: .seconds(30), "all spans: \(collector.lines())") {
                        // The killed one, started again, may take up the old order before it sees the new one.
                        let spans = try collector.spans().filter { $0.name != "build work" || $0.attempt != "build 1" }
                        return spans.contains { $0.name == "release" } && spans.count >= 16 ? spans : nil
                    }
                    try Self.expectOneTree(spans, of: baton)
                    try Self.expectTakeover(spans)
                    try Self.expectNamedLines(relay, baton)
                    let record = try await relay.outside.lines(of: "relay.batons", format: "%h\\n")
                    #expect(record.allSatisfy { $0.contains("ce_traceparent=00-\(Self.trace)-") })
                }
            }
        }

        /// A race whose primary pipeline freezes and then dies with the baton in its hands.
        private static func raceWithTakeover(_ relay: TestRelay) async throws -> String {
            let project = try relay.project()
            let body = """
                {"project":{"directory":"\(project.directory)"},"model":"quick","requester":"tester",
                 "parameters":{"work.mebibytes":900}}
                """
            let baton = try await relay.release(body: body, headers: ["traceparent": "00-\(trace)-\(caller)-01"])
            try await relay.working(baton, at: "build")
            // Dead at once it might be back before anybody misses it.
            try relay.signal("pipeline", SIGSTOP)
            _ = try await eventually(within: .seconds(30), "the takeover") {
                try await relay.look(baton)?.state.current.flatMap { $0.lane == "fallback" ? true : nil }
            }
            try relay.signal("pipeline", SIGKILL)
            let seen = try await relay.finish(baton)
            #expect(seen.state.ending?.kind == "finished", "\(seen.state.ending?.reason ?? "")")
            return baton
        }

        /// The race below its caller, attempts below the race, work below its attempt, and each process's own.
        private static func expectOneTree(_ spans: [SeenSpan], of baton: String) throws {
            #expect(Set(spans.map(\.trace)) == [trace])
            #expect(Set(spans.map(\.id)).count == spans.count)
            let race = try #require(spans.first { $0.name == "release" })
            #expect(race.parent == caller)
            #expect(race.texts["relay.ending"] == "finished")
            let attempts = spans.filter { duties.contains($0.name) }
            #expect(Set(attempts.map(\.attempt)) == Set(duties.map { "\($0) 1" } + ["build 2"]))
            #expect(attempts.allSatisfy { $0.parent == race.id && $0.service == "relay-captain" })
            let work = spans.filter { $0.name.hasSuffix(" work") }
            #expect(attempts.count + work.count + 1 == spans.count)
            for span in work {
                let attempt = try #require(attempts.first { $0.id == span.parent }, "\(span)")
                #expect(span.attempt == attempt.attempt)
                #expect(span.service == "relay-\(span.texts["relay.leg"] ?? "")")
                #expect(span.instance == attempt.texts["relay.worker"])
                #expect(span.failure == nil)
            }
            #expect(Set(work.map(\.attempt)) == Set(attempts.map(\.attempt)).subtracting(["build 1"]))
            #expect(spans.allSatisfy { $0.texts["relay.baton"] == baton })
        }

        private static func expectTakeover(_ spans: [SeenSpan]) throws {
            let attempts = spans.filter { $0.name == "build" }
            let (first, second) = (
                try #require(attempts.first { $0.attempt == "build 1" }),
                try #require(attempts.first { $0.attempt == "build 2" })
            )
            #expect(first.failure?.hasPrefix("no sign of life for") == true)
            #expect(first.texts["relay.outcome"] == "given-up")
            #expect(first.texts["relay.worker"] == "pipeline-0")
            #expect(second.links == [first.id])
            #expect(second.failure == nil)
            #expect(second.texts["relay.lane"] == "fallback")
            #expect(spans.filter { $0.failure != nil }.map(\.id) == [first.id])
        }

        /// Each line about the baton says which leg, attempt and trace it belongs to.
        private static func expectNamedLines(_ relay: TestRelay, _ baton: String) throws {
            var processes: Set<String> = []
            let logs = "\(relay.directory)/logs"
            for file in try FileManager.default.contentsOfDirectory(atPath: logs) {
                let text = try String(contentsOfFile: "\(logs)/\(file)", encoding: .utf8)
                for line in text.split(separator: "\n") where line.contains(baton) || line.contains("\"baton\":") {
                    let fields = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
                    #expect(fields["baton"] == baton, "\(file): \(line)")
                    #expect(fields["trace_id"] == trace, "\(file): \(line)")
                    #expect(fields["leg"] != nil && fields["attempt"] != nil, "\(file): \(line)")
                    processes.insert(file)
                }
            }
            let expected = ["captain", "pipeline-fallback", "deploy", "monitor", "governance"].map { $0 + ".log" }
            #expect(processes.isSuperset(of: expected), "\(processes)")
        }
    }
}
