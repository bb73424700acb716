// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

extension WholeRelay {
    @Suite("A relay whose primary pipeline freezes in mid-leg")
    struct Frozen {
        @Test("finishes through the fallback group; the thawed runner's answer is superseded", .timeLimit(.minutes(2)))
        func takeover() async throws {
            try await TestRelay.with { relay in
                let baton = try await relay.release(try relay.project(), parameters: #"{"work.mebibytes":900}"#)
                try await relay.working(baton, at: "build")
                try relay.signal("pipeline", SIGSTOP)
                // Thawed as soon as it was given up, and well within its session: for longer than that the group gives
                // its partitions away, and nothing of what it did is told any more.
                _ = try await eventually(within: .seconds(30), "the takeover") {
                    try await relay.look(baton)?.state.current.flatMap { $0.lane == "fallback" ? true : nil }
                }
                try relay.signal("pipeline", SIGCONT)
                let seen = try await relay.finish(baton)
                #expect(seen.state.ending?.kind == "finished", "\(seen.state.ending?.reason ?? "")")
                #expect(seen.state.accepted.first { $0.duty == "build" }?.lane == "fallback")
                _ = try await eventually(within: .seconds(20), "the late handoff in the journal") {
                    try await relay.outside.journal(of: baton).contains {
                        $0["action"] as? String == "handoff-superseded" && $0["actor"] as? String == "pipeline-0"
                            && $0["attempt"] as? Int == 1
                    } ? true : nil
                }
                try await relay.expectExactlyOnce(baton)
            }
        }
    }
}
