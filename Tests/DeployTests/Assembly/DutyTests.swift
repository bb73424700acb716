// SPDX-License-Identifier: Apache-2.0

import Baton
import LegRuntime
import Logging
import Testing

@testable import DeployRollout
@testable import DeployService
@testable import GateRules
@testable import Gates
@testable import RolloutRules
@testable import RoutingRules
@testable import Serving

@Suite("Duties of the deploy leg", .timeLimit(.minutes(1)))
struct DutyTests {
    let context = WorkContext(instance: "deploy-1", lane: .primary, logger: .quiet)

    func assignment(
        _ duty: Duty, _ name: String, _ manifest: ReleaseManifest?, within limit: Duration = .seconds(30)
    ) -> Assignment {
        var results = Results()
        results.build = manifest
        let now = SystemClock().now()
        return Assignment(
            baton: baton(name), duty: duty, attempt: 1, lane: .primary, assignedAt: now, firstAssignedAt: now,
            deadline: now + limit,
            request: ReleaseRequest(
                project: .init(directory: "/project"), model: "cancer", requester: "tester"),
            results: results, usage: [], ending: nil)
    }

    func work(_ workshop: Workshop, _ releases: ServedReleases) -> DeployWork {
        DeployWork(
            gates: ReleaseGates(factory: workshop.factory(), logger: .quiet), releases: releases,
            endpoint: { "http://router" }, clock: SystemClock())
    }

    /// A duty for which no release must serve.
    func perform(_ workshop: Workshop, _ assignment: Assignment) async throws -> Results {
        let releases = ServedReleases(logger: .quiet, now: systemTime) { record in
            ReleaseLanes(record: record, count: 1, usage: ServingMeter(), logger: .quiet) {
                throw LaneFailure("not to be started")
            }
        }
        releases.hear(.caughtUp)
        return try await work(workshop, releases).perform(assignment, context)
    }

    @Test("verification hands over its gates, and the processor time of the lane it tried")
    func verification() async throws {
        let workshop = try Workshop()
        let results = try await perform(workshop, assignment(.verification, "one", workshop.manifest()))
        #expect(results.verification?.gates.map(\.passed) == [true, true, true, true, true])
        #expect(results.verification?.interface?.outputs.map(\.name) == ["predict"])
        #expect(context.said.usage[.cpuSeconds] ?? 0 > 0)
    }

    @Test("a failed gate fails the duty for good, with the reason, and the gates are handed over")
    func failedGate() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest(golden: Workshop.golden(error: 1), metrics: ["accuracy": 0.1])
        let failure = await #expect(throws: WorkFailure.self) {
            _ = try await perform(workshop, assignment(.verification, "one", manifest))
        }
        #expect(failure?.retryable == false)
        #expect(failure?.reason.hasPrefix("2 gates failed: metric accuracy: measured 0.1, at least 0.9") == true)
        #expect(context.said.learned.verification?.gates.map(\.passed) == [true, false, true, true, false])
    }

    @Test("an assignment without a manifest, or of another leg, is refused for good")
    func wrongAssignment() async throws {
        let workshop = try Workshop()
        for wrong in [assignment(.verification, "one", nil), assignment(.watch, "one", try workshop.manifest())] {
            let failure = await #expect(throws: WorkFailure.self) { _ = try await perform(workshop, wrong) }
            #expect(failure?.retryable == false)
        }
    }

    @Test("rollout ends when the release serves from all its lanes, and tells which")
    func rollout() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest()
        try await LiveRouter.run(workshop) { router in
            let work = work(workshop, router.releases)
            async let results = work.perform(assignment(.rollout, "one", manifest), context)
            router.releases.hear(.record(release("one", manifest)))
            let rollout = try #require(try await results.rollout)
            #expect(rollout.lanes.count == 2 && rollout.replaced == nil && rollout.instance == "deploy-1")
            #expect(rollout.endpoint == "http://router")
            let serving = try #require(router.releases.serving("cancer"))
            #expect(Set(rollout.lanes.map(\.id)) == Set(serving.roster.value.entries.map(\.lane.id)))
            // Told again, as after a crash: the same lanes, no second start.
            let again = try #require(try await work.perform(assignment(.rollout, "one", manifest), context).rollout)
            #expect(again == rollout)
        }
    }

    @Test("rollout of a release whose lanes die fails with a lane's last words, and may be tried again")
    func dyingLanes() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest(model: Array("{}".utf8))
        try await LiveRouter.run(workshop) { router in
            router.releases.hear(.record(release("bad", manifest)))
            let failure = await #expect(throws: WorkFailure.self) {
                _ = try await work(workshop, router.releases)
                    .perform(assignment(.rollout, "bad", manifest), context)
            }
            #expect(failure?.retryable == true)
            #expect(failure?.reason.contains("before it was ready: Error: cannot serve") == true)
        }
    }

    @Test("a release of another contract than the live one's fails verification, unless it declares the break")
    func contract() async throws {
        let workshop = try Workshop()
        let live = try workshop.manifest(input: .init(name: "rows", features: (0..<30).map { "f\($0)" }))
        let releases = ServedReleases(logger: .quiet, now: systemTime) { record in
            ReleaseLanes(record: record, count: 1, usage: ServingMeter(), logger: .quiet) {
                throw LaneFailure("not to be started")
            }
        }
        releases.hear(.record(release("one", live)))
        releases.hear(.caughtUp)
        let work = work(workshop, releases)
        let failure = await #expect(throws: WorkFailure.self) {
            _ = try await work.perform(assignment(.verification, "two", workshop.manifest()), context)
        }
        #expect(failure?.retryable == false)
        #expect(
            failure?.reason
                == "a gate failed: contract: clients of the live release \(baton("one")) would be refused or misled: "
                + "input.name is \"input\", and \"rows\" in the live one; keep what they rely on, or declare the break "
                + "by a higher contract.version in relay.yaml")
        let declared = try workshop.manifest(contract: 2)
        let results = try await work.perform(assignment(.verification, "two", declared), context)
        let gate = results.verification?.gates.first { $0.name == "contract" }
        #expect(gate?.detail.contains("as contract.version 2 declares: input.name is \"input\"") == true)
    }

    @Test("rollout of a release that a newer one outran is superseded by it at once, whichever came first")
    func superseded() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest()
        let (older, newer) = (release("old", manifest, askedAt: 10), release("new", manifest, askedAt: 20))
        for order in [[newer, older], [older, newer]] {
            try await LiveRouter.run(workshop) { router in
                for record in order { router.releases.hear(.record(record)) }
                await #expect(throws: WorkSuperseded(by: baton("new"))) {
                    _ = try await work(workshop, router.releases)
                        .perform(assignment(.rollout, "old", manifest), context)
                }
                // Its withdrawal takes nothing from the newer one.
                router.releases.hear(.record(release("old", manifest, status: .withdrawn, askedAt: 10)))
                let served = try await router.releases.whenServing(baton("new"), model: "cancer")
                #expect(served.replaced == nil)
            }
        }
    }

    @Test("rollout of a release whose contract was broken while it was on its way fails for good, without traffic")
    func overtakenContract() async throws {
        let workshop = try Workshop()
        let broken = try workshop.manifest(
            input: .init(name: "rows", features: (0..<30).map { "f\($0)" }), contract: 2)
        let manifest = try workshop.manifest()
        try await LiveRouter.run(workshop) { router in
            router.releases.hear(.record(release("a", manifest)))
            router.releases.hear(.record(release("b", broken)))
            router.releases.hear(.record(release("c", manifest)))
            let failure = await #expect(throws: WorkFailure.self) {
                _ = try await work(workshop, router.releases).perform(assignment(.rollout, "c", manifest), context)
            }
            #expect(failure?.retryable == false)
            #expect(failure?.reason.hasPrefix("clients of the live release \(baton("b")) would be refused") == true)
            _ = try await router.releases.whenServing(baton("b"), model: "cancer")
        }
    }

    @Test("rollout of a release that is not on the releases topic fails at the deadline and says so")
    func unseen() async throws {
        let workshop = try Workshop()
        let failure = await #expect(throws: WorkFailure.self) {
            _ = try await perform(
                workshop, assignment(.rollout, "one", workshop.manifest(), within: .milliseconds(50)))
        }
        #expect(
            failure?.reason
                == "the release does not serve by the deadline: it was not seen on the releases topic")
        #expect(failure?.retryable == true)
    }
}
