// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

extension WholeRelay {
    @Suite("A relay whose processes are killed")
    struct Killed {
        /// Who has the baton in its hands at which duty.
        static let runners = [
            ("pipeline", "build"), ("deploy", "verification"), ("monitor", "watch"), ("governance", "admission"),
            ("captain", "build"), ("broker", "build"),
        ]

        @Test(
            "finishes every baton, each handoff exactly once, whichever process dies with it in its hands",
            .timeLimit(.minutes(6)))
        func anyone() async throws {
            try await TestRelay.with { relay in
                let project = try relay.project()
                for (index, (process, duty)) in Self.runners.enumerated() {
                    // Verification would be over before it is seen at work: who is to do it stands still when it comes.
                    let standsStill = duty == "verification"
                    if standsStill { try relay.signal(process, SIGSTOP) }
                    // Something to hash, and not what was hashed before, so that the work is there to be interrupted.
                    let baton = try await relay.release(project, parameters: #"{"work.mebibytes":\#(400 + index)}"#)
                    if process != "governance" {
                        try await relay.working(baton, at: duty, hasBegun: !standsStill)
                    }
                    try relay.signal(process, SIGKILL)
                    let seen = try await relay.finish(baton)
                    #expect(seen.state.ending?.kind == "finished", "\(process): \(seen.state.ending?.reason ?? "")")
                    try await relay.expectExactlyOnce(baton)
                }
            }
        }
    }
}
