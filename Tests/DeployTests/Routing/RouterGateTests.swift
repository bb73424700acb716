// SPDX-License-Identifier: Apache-2.0

import Baton
import Testing

@testable import DeployRollout
@testable import RolloutRules
@testable import Routing
@testable import RoutingRules
@testable import Serving

@Suite("When a router accepts from a socket that is not its own", .timeLimit(.minutes(1)))
struct RouterGateTests {
    @Test("not before it serves what was live, not without a lane, and again with one, or when patience is over")
    func course() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest(lanes: 1)
        try await LiveRouter.run(workshop, caughtUp: false) { router in
            let said = Watched<[Bool]>([])
            let gate = RouterGate(releases: router.releases, patience: .milliseconds(50))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await gate.run { isOpen in said.update { $0.append(isOpen) } } }
                router.releases.hear(.record(release("one", manifest)))
                router.releases.hear(.caughtUp)
                #expect(said.value == [])
                let served = try await router.releases.whenServing(baton("one"), model: "cancer")
                try await said.first { $0 == [true] ? () : nil }
                let lane = try #require(served.release.roster.value.entries.first).lane
                served.release.roster.update { $0.remove(lane.id) }
                try await said.first { $0 == [true, false, true] ? () : nil }
                served.release.roster.update { $0.add(lane) }
                try await router.releases.view.first { $0.stricken.isEmpty ? () : nil }
                served.release.roster.update { $0.remove(lane.id) }
                try await said.first { $0 == [true, false, true, false, true] ? () : nil }
                served.release.roster.update { $0.add(lane) }
                group.cancelAll()
            }
        }
    }
}
