// SPDX-License-Identifier: Apache-2.0

import Foundation
import Operations
import TestSupport
import Testing

extension WholeRelay {
    @Suite("Requests to a relay")
    struct Requests {
        @Test(
            "one sent three times, by HTTP and by Kafka, is one baton; unchanged stages are not run again",
            .timeLimit(.minutes(3)))
        func duplicatesAndRepeats() async throws {
            try await TestRelay.with { relay in
                let project = try relay.project()
                let baton = try await relay.release(project, id: "same")
                #expect(try await relay.release(project, id: "same") == baton)
                let body = #"{"project":{"directory":"\#(project.directory)"},"model":"quick","requester":"tester"}"#
                try await relay.outside.publish(
                    body, to: "relay.inbox",
                    headers: [
                        "ce_specversion": "1.0", "ce_id": "same", "ce_source": "tests",
                        "ce_type": "relay.release.requested.v1", "content-type": "application/json",
                    ])
                let first = try await relay.finish(baton)
                #expect(first.state.ending?.kind == "finished", "\(first.state.ending?.reason ?? "")")
                try await relay.expectExactlyOnce(baton)
                let requested = try await eventually(within: .seconds(10), "two duplicates in the journal") {
                    let entries = try await relay.outside.values(of: "relay.journal")
                    let duplicates = entries.filter { $0["action"] as? String == "duplicate-ignored" }.count
                    return duplicates == 2 ? entries.filter { $0["action"] as? String == "requested" }.count : nil
                }
                #expect(requested == 1)

                let again = try await relay.finish(relay.release(project))
                #expect(again.state.results.build?.artifact.digest == first.state.results.build?.artifact.digest)
                #expect(again.state.results.build?.stages.allSatisfy { $0.result == "unchanged" } == true)

                let changed = try await relay.finish(relay.release(project, parameters: #"{"work.mebibytes":2}"#))
                let stages = changed.state.results.build?.stages ?? []
                #expect(Set(stages.filter { $0.result == "ran" }.map(\.name)).contains("work"))
                #expect(stages.first { $0.name == "package" }?.result == "unchanged")
            }
        }

        @Test("that are wrong end with a clear reason, and hold nothing up", .timeLimit(.minutes(4)))
        func badInput() async throws {
            try await TestRelay.with { relay in
                let refused = [
                    ("no json", "not JSON"), ("{}", "model is missing"),
                    (#"{"project":{},"model":"m","requester":"t"}"#, "project.directory or project.git"),
                ]
                for (body, expected) in refused {
                    let answer = try await relay.post(body, id: UUID().uuidString)
                    #expect(answer.status == 400)
                    #expect(answer.text.contains(expected), "\(answer.text)")
                }
                try await relay.outside.publish("no json", to: "relay.inbox", headers: ["ce_id": "1"])
                _ = try await eventually(within: .seconds(10), "the dead letter") {
                    try await relay.outside.count(of: "relay.dead-letters") >= 1 ? true : nil
                }
                for (change, reason) in Self.badProjects {
                    let seen = try await relay.finish(relay.release(try relay.project("quick", change)))
                    #expect(seen.state.ending?.kind == "dropped")
                    #expect(seen.state.ending?.reason?.contains(reason) == true, "\(seen.state.ending?.reason ?? "")")
                }
                let unknown = try await relay.finish(relay.release(try relay.project(), model: "another"))
                #expect(unknown.state.ending?.reason?.contains("another") == true)
                let lost =
                    #"{"project":{"git":"\#(TestRelay.package)","commit":"\#(String(repeating: "0", count: 40))"},"#
                    + #""model":"quick","requester":"tester"}"#
                let lostBaton = try await relay.finish(relay.release(body: lost))
                #expect(lostBaton.state.ending?.kind == "dropped")
                #expect(
                    lostBaton.state.ending?.reason?.contains("0000000") == true,
                    "\(lostBaton.state.ending?.reason ?? "")")
                let stranger = #"{"project":{"directory":"/"},"model":"quick","requester":"stranger"}"#
                let strangerBaton = try await relay.finish(relay.release(body: stranger))
                #expect(strangerBaton.state.ending?.kind == "refused")
                #expect(strangerBaton.state.ending?.reason?.contains("stranger") == true)
                let good = try await relay.finish(relay.release(try relay.project()))
                #expect(good.state.ending?.kind == "finished", "\(good.state.ending?.reason ?? "")")
            }
        }

        static let badProjects: [(@Sendable (Project) throws -> Void, String)] = [
            (
                {
                    try $0.edit("dvc.yaml", "      - inputs/model.json\n", "      - serving/golden.json\n")
                    try $0.edit("dvc.yaml", "      - inputs/golden.json\n", "      - model/model.json\n")
                }, "cycle"
            ),
            ({ try $0.edit("dvc.yaml", "cp inputs/metrics.json metrics.json", "echo broken; exit 3") }, "evaluate"),
            ({ try $0.edit("dvc.yaml", "cp inputs/metrics.json metrics.json", "echo nothing") }, "metrics.json"),
            ({ try $0.write("inputs/model.json", "no model") }, "verification"),
            ({ try $0.edit("inputs/metrics.json", "0.95", "0.5") }, "accuracy"),
            ({ try $0.edit("relay.yaml", "lanes:", "lames:") }, "lames"),
        ]
    }
}

extension KafkaOutside {
    /// How many committed records a topic holds.
    func count(of topic: String) async throws -> Int {
        try await lines(of: topic, format: "%o\\n").count
    }
}
