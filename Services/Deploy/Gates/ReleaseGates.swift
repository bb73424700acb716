// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
package import Baton
import Digest
import GateRules
package import Logging
import NIOCore
import NIOPosix
import OpenInference
package import Serving

/// Checks a release before it may have traffic. Every gate is reported, also behind one that failed.
package struct ReleaseGates: Sendable {
    /// What a gate finds.
    package typealias Gate = Verification.Gate
    /// Told how far the gates are.
    package typealias Report = @Sendable (_ fraction: Double, _ note: String) -> Void

    /// The gates, what the lane that was tried has used, and what it takes and answers.
    package struct Outcome: Sendable {
        /// In order.
        package var gates: [Gate]
        /// Processor time of the lane that was tried.
        package var laneCPU: Duration = .zero
        /// What the model takes and answers; nil when it does not say.
        package var interface: ModelInterface?
    }

    /// How long the lane may take for one golden request.
    static let answerTimeout: Duration = .seconds(10)

    let factory: LaneFactory
    /// What the tried lane says goes here.
    package var logger: Logger

    /// - Parameter factory: makes the lane that is tried.
    package init(factory: LaneFactory, logger: Logger) {
        (self.factory, self.logger) = (factory, logger)
    }

    /// Puts a release through all gates.
    /// - Parameter live: The release that serves the model now; nil when none does.
    /// - Throws: what has nothing to do with the release: the store's disk, cancellation.
    package func evaluate(_ manifest: ReleaseManifest, live: ReleaseRecord?, report: Report) async throws -> Outcome {
        report(0, "checking the artifact")
        let artifact = try await artifactGate(manifest.artifact)
        report(0.2, "checking metrics")
        let first = [artifact] + FloorGates.judge(manifest)
        guard artifact.passed else {
            let reason = "the model file is not the manifest's"
            return Outcome(
                gates: first + [
                    Gate(name: "model", passed: false, detail: "not served: \(reason)"),
                    ContractGate.judge(manifest.declaration, nil, live: live),
                    Gate(name: "golden", passed: false, detail: "not replayed: \(reason)"),
                ])
        }
        report(0.3, "starting a lane")
        var outcome = try await servedGates(manifest, live: live, report: report)
        outcome.gates = first + outcome.gates
        return outcome
    }

    /// The file in the store is hashed again: it may have changed since the pipeline wrote it.
    private func artifactGate(_ artifact: ReleaseManifest.Output) async throws -> Gate {
        do throws(ArtifactStoreError) {
            try await verify(artifact.digest)
            return Gate(
                name: "artifact", passed: true,
                detail: "\(artifact.path): \(artifact.bytes) bytes hash to \(artifact.digest)")
        } catch {
            guard error.isAboutContent else { throw error }
            return Gate(name: "artifact", passed: false, detail: "\(artifact.path): \(error)")
        }
    }

    /// The gates that need the model on a lane.
    private func servedGates(
        _ manifest: ReleaseManifest, live: ReleaseRecord?, report: Report
    ) async throws -> Outcome {
        let lane: ServingLane
        do {
            lane = try await ServingLane.start(factory.specification(for: manifest, isTrial: true), logger: logger)
        } catch let error as LaneFailure {
            return Outcome(gates: [
                Gate(name: "model", passed: false, detail: "\(error)"),
                ContractGate.judge(manifest.declaration, nil, live: live),
                Gate(name: "golden", passed: false, detail: "not replayed: the model is not served"),
            ])
        }
        var outcome = Outcome(gates: [])
        do {
            let (model, interface) = try await modelGate(manifest.declaration.model.name, lane)
            outcome.interface = interface
            outcome.gates = [model, ContractGate.judge(manifest.declaration, interface, live: live)]
            report(0.4, "replaying golden requests")
            outcome.gates.append(try await goldenGate(manifest, on: lane, report: report))
        } catch {
            await lane.kill()
            throw error
        }
        await lane.stop()
        outcome.laneCPU = lane.takeCPU()
        return outcome
    }

    /// The lane refuses a model that it cannot answer for; one that is served tells what it takes and answers.
    private func modelGate(_ name: String, _ lane: ServingLane) async throws -> (Gate, ModelInterface?) {
        func failed(_ reason: String) -> (Gate, ModelInterface?) {
            (Gate(name: "model", passed: false, detail: "the lane does not describe its model: \(reason)"), nil)
        }
        do {
            let answer = try await lane.client.send(.get("/v2/models/\(name)"), timeout: Self.answerTimeout)
            guard answer.status == 200 else { return failed("it answers \(answer.status)") }
            let interface = ModelInterface(try ModelMetadata(json: answer.body.readableBytesView))
            let shown = [interface.inputs, interface.outputs].map { tensors in
                tensors.map(\.sentence).joined(separator: ", ")
            }
            return (Gate(name: "model", passed: true, detail: "takes \(shown[0]), answers \(shown[1])"), interface)
        } catch let error as LaneTransportError {
            return failed("\(error)")
        } catch let error as MalformedBody {
            return failed("\(error)")
        }
    }

    private func goldenGate(
        _ manifest: ReleaseManifest, on lane: ServingLane, report: Report
    ) async throws -> Gate {
        let path = manifest.declaration.gates.golden
        do {
            return try await replay(read(manifest.output(path)), manifest, on: lane, report: report)
        } catch let error as Refusal {
            return Gate(name: "golden", passed: false, detail: "\(path): \(error)")
        } catch let error as ArtifactStoreError where error.isAboutContent {
            return Gate(name: "golden", passed: false, detail: "\(path): \(error)")
        }
    }

    private func replay(
        _ golden: GoldenRequests, _ manifest: ReleaseManifest, on lane: ServingLane, report: Report
    ) async throws -> Gate {
        let declaration = manifest.declaration
        let tolerance = declaration.gates.tolerance
        var misses: [String] = []
        var largest = 0.0
        for (index, golden) in golden.cases.enumerated() {
            try Task.checkCancellation()
            let name = golden.request.id ?? "case \(index)"
            switch try await answer(golden.request, declaration.model.name, lane) {
            case .failure(let failure): misses.append("\(name): \(failure)")
            case .success(let response):
                switch GoldenComparison(expected: golden.expected, found: response.outputs) {
                case .different(let reason): misses.append("\(name): \(reason)")
                case .difference(let difference):
                    largest = max(largest, difference)
                    if difference > tolerance { misses.append("\(name): off by \(difference)") }
                }
            }
        }
        report(0.9, "golden requests replayed")
        let summary =
            "\(golden.cases.count) requests replayed, largest difference \(largest), at most \(tolerance) is allowed"
        guard !misses.isEmpty else { return Gate(name: "golden", passed: true, detail: summary) }
        let shown = misses.prefix(3).joined(separator: "; ")
        let said = lane.said.map { "; the lane says: \($0)" } ?? ""
        return Gate(name: "golden", passed: false, detail: "\(misses.count) of \(summary): \(shown)\(said)")
    }

    private func answer(
        _ request: InferenceRequest, _ model: String, _ lane: ServingLane
    ) async throws -> Result<InferenceResponse, LaneFailure> {
        do {
            let answer = try await lane.client.send(
                .post("/v2/models/\(model)/infer", ByteBuffer(bytes: request.json())), timeout: Self.answerTimeout)
            guard answer.status == 200 else {
                let reason = (try? ErrorBody(json: answer.body.readableBytesView))?.error ?? "no reason given"
                return .failure(LaneFailure("the lane answers \(answer.status): \(reason)"))
            }
            return .success(try InferenceResponse(json: answer.body.readableBytesView))
        } catch let error as LaneTransportError {
            return .failure(LaneFailure("\(error)"))
        } catch let error as MalformedBody {
            return .failure(LaneFailure("the lane's answer is malformed: \(error)"))
        }
    }

    private func read(_ output: ReleaseManifest.Output) async throws -> GoldenRequests {
        let store = factory.store
        let bytes = try await NIOThreadPool.singleton.runIfActive {
            try store.contents(of: output.digest)
        }
        return try GoldenRequests(json: bytes)
    }

    private func verify(_ digest: ContentDigest) async throws(ArtifactStoreError) {
        let store = factory.store
        let outcome: Result<Void, ArtifactStoreError> =
            await withCheckedContinuation { continuation in
                NIOThreadPool.singleton.submit { _ in
                    continuation.resume(
                        returning: Result { () throws(ArtifactStoreError) in try store.verify(digest) })
                }
            }
        try outcome.get()
    }
}
