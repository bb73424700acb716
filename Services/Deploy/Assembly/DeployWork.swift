// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import DeployRollout
import GateRules
import Gates
import LegRuntime
import Operations
import RolloutRules
import RoutingRules
import Serving

/// The two duties of the deploy leg.
struct DeployWork: LegWork {
    let leg = Leg.deploy
    let gates: ReleaseGates
    let releases: ServedReleases
    /// Base URL of this instance's router, once it listens.
    let endpoint: @Sendable () async throws -> String
    let clock: any WallClock

    func perform(_ assignment: Assignment, _ context: WorkContext) async throws -> Results {
        guard let manifest = assignment.results.build else {
            throw WorkFailure(reason: "the assignment carries no manifest of a build", retryable: false)
        }
        var results = Results()
        switch assignment.duty {
        case .verification: results.verification = try await verify(manifest, assignment.key, context)
        case .rollout: results.rollout = try await rollOut(assignment, manifest, context)
        default:
            throw WorkFailure(
                reason: "the duty \(assignment.duty.rawValue) is none of the deploy leg's", retryable: false)
        }
        return results
    }

    /// A gate that fails, fails the duty for good: the same bytes would fail again. All gates are handed over either
    /// way.
    private func verify(
        _ manifest: ReleaseManifest, _ attempt: AttemptKey, _ context: WorkContext
    ) async throws -> Verification {
        var gates = gates
        gates.logger = context.logger
        context.progress(0, "reading which release is live")
        let live = try await releases.live(manifest.declaration.model.name)
        let outcome = try await gates.evaluate(manifest, live: live) { fraction, note in
            context.progress(fraction, note)
        }
        context.use(.cpuSeconds, outcome.laneCPU.seconds)
        let whole = Verification(gates: outcome.gates, interface: outcome.interface)
        let verification: Verification
        do {
            verification = try await gates.keep(whole, of: attempt)
        } catch let error as ArtifactStoreError {
            throw WorkFailure(reason: "what the gates found cannot be kept: \(error)", retryable: true)
        }
        let failed = outcome.gates.filter { !$0.passed }
        guard failed.isEmpty else {
            var learned = Results()
            learned.verification = verification
            context.learn(learned)
            let reasons = failed.map { "\($0.name): \($0.detail)" }.joined(separator: "; ")
            throw WorkFailure(
                reason: failed.count == 1 ? "a gate failed: \(reasons)" : "\(failed.count) gates failed: \(reasons)",
                retryable: false)
        }
        return verification
    }

    /// Waits until this instance's router serves the release, which the captain has written to the releases topic.
    private func rollOut(
        _ assignment: Assignment, _ manifest: ReleaseManifest, _ context: WorkContext
    ) async throws -> Rollout {
        let (model, count) = (manifest.declaration.model.name, manifest.declaration.lanes)
        context.progress(0.1, "starting \(count) lanes")
        let limit = assignment.deadline - clock.now()
        let served: ServedReleases.Served?
        do {
            served = try await within(max(limit, .zero)) {
                try await releases.whenServing(assignment.baton, model: model)
            }
        } catch let error as LaneFailure {
            throw WorkFailure(reason: "the release cannot be served: \(error)", retryable: true)
        } catch let error as ServedReleases.Unwanted {
            throw Self.failure(of: error.standing)
        }
        guard let served else {
            let heard = releases.view.read { $0.log.status(of: assignment.baton, model: model) != nil }
            let reason = heard ? "its \(count) lanes were not all ready" : "it was not seen on the releases topic"
            throw WorkFailure(reason: "the release does not serve by the deadline: \(reason)", retryable: true)
        }
        context.progress(1, "traffic switched")
        let lanes = served.release.roster.value.entries.map { entry in
            Rollout.ServingLane(id: entry.lane.id, processID: entry.lane.processID, port: entry.lane.port)
        }
        return Rollout(
            instance: context.instance, endpoint: try await endpoint(), lanes: lanes, replaced: served.replaced,
            liveSince: served.since)
    }

    /// The log has decided for good, so none of these is tried again.
    private static func failure(of standing: ReleaseLog.Standing) -> any Error {
        switch standing {
        case .superseded(let newer): WorkSuperseded(by: newer)
        case .breaksContract(let live, let differences):
            WorkFailure(
                reason: ContractGate.breach(differences, of: live)
                    + " (it went live while this release was on its way)", retryable: false)
        case .withdrawn, .serves: WorkFailure(reason: "the release was withdrawn", retryable: false)
        }
    }
}
