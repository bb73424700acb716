// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Foundation
import OpenInference
import Testing

@testable import Deploy

@Suite("Gates", .timeLimit(.minutes(1)))
struct ReleaseGatesTests {
    func evaluate(
        _ workshop: Workshop, _ manifest: ReleaseManifest, executable: String = Workshop.laneExecutable
    ) async throws -> [Verification.Gate] {
        let gates = ReleaseGates(factory: workshop.factory(executable: executable), logger: .quiet)
        return try await gates.evaluate(manifest) { _, _ in }.gates
    }

    @Test("a sound release passes them all, in order")
    func sound() async throws {
        let workshop = try Workshop()
        let gates = try await evaluate(workshop, workshop.manifest())
        #expect(gates.map(\.name) == ["artifact", "metric accuracy", "golden"])
        #expect(gates.map(\.passed) == [true, true, true])
        #expect(gates[1].detail == "measured 0.97, at least 0.9 is required")
        #expect(gates[2].detail.hasPrefix("40 requests replayed, largest difference "))
    }

    @Test("an answer that differs from the golden one fails, and the difference is told")
    func goldenMismatch() async throws {
        let workshop = try Workshop()
        let gates = try await evaluate(workshop, workshop.manifest(golden: Workshop.golden(error: 0.01)))
        #expect(gates.map(\.passed) == [true, true, false])
        #expect(gates[2].detail.hasPrefix("40 of 40 requests replayed"))
        #expect(gates[2].detail.contains("off by 0.0"))
    }

    @Test("a model file changed after hashing fails, and the metrics are judged all the same")
    func digestMismatch() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest(metrics: ["accuracy": 0.5])
        let path = try workshop.store.path(for: manifest.artifact.digest)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        try Data("tampered".utf8).write(to: URL(filePath: path))
        let gates = try await evaluate(workshop, manifest)
        #expect(gates.map(\.passed) == [false, false, false])
        #expect(gates[0].detail.contains("was changed after it was stored"))
        #expect(gates[1].detail == "measured 0.5, at least 0.9 is required")
        #expect(gates[2].detail == "not replayed: the model file is not the manifest's")
    }

    @Test("a metric that the project does not measure fails")
    func missingMetric() async throws {
        let workshop = try Workshop()
        let gates = try await evaluate(workshop, workshop.manifest(metrics: [:]))
        #expect(gates[1].passed == false)
        #expect(gates[1].detail == "metrics.json has no number accuracy; at least 0.9 is required")
    }

    @Test("a lane that dies at start fails the golden gate with its last words")
    func dyingLane() async throws {
        let workshop = try Workshop()
        let gates = try await evaluate(workshop, workshop.manifest(model: Array("{}".utf8)))
        #expect(gates.map(\.passed) == [true, true, false])
        #expect(gates[2].detail.hasPrefix("the lane ended with exit code 1 before it was ready: Error: cannot serve"))
    }

    @Test("a model that takes other features fails with the lane's refusal")
    func wrongFeatures() async throws {
        let workshop = try Workshop()
        let gates = try await evaluate(workshop, workshop.manifest(model: Workshop.model("classes.ubj")))
        #expect(gates[2].passed == false)
        #expect(gates[2].detail.contains("has 30 features, the model takes 4"))
    }

    @Test(
        "a golden file that is none fails with its problems",
        arguments: ["", "[]", #"{"cases":[]}"#, #"{"cases":[{"request":{}}]}"#])
    func badGoldenFile(content: String) async throws {
        let workshop = try Workshop()
        let gates = try await evaluate(workshop, workshop.manifest(golden: Array(content.utf8)))
        #expect(gates[2].passed == false)
        #expect(gates[2].detail.hasPrefix("golden.json: "))
    }

    @Test("answers are compared by name, shape and value")
    func comparison() {
        func tensor(_ name: String, _ shape: [Int], _ values: [Double]) -> Tensor {
            Tensor(name: name, shape: shape, datatype: .fp32, data: .floats(values))
        }
        let expected = [tensor("predict", [2], [1, .nan])]
        #expect(GoldenComparison(expected: expected, found: [tensor("predict", [2], [1.5, .nan])]) == .difference(0.5))
        let double = Tensor(name: "predict", shape: [2], datatype: .fp64, data: .floats([1, .nan]))
        for found in [
            double,
            tensor("other", [2], [1, .nan]), tensor("predict", [1, 2], [1, .nan]), tensor("predict", [2], [1, 2]),
        ] {
            guard case .different = GoldenComparison(expected: expected, found: [found]) else {
                Issue.record("\(found) was taken for comparable")
                continue
            }
        }
    }
}
