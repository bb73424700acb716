// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Foundation
import OpenInference
import Testing

@testable import GateRules
@testable import Gates
@testable import Serving

@Suite("Gates", .timeLimit(.minutes(1)))
struct ReleaseGatesTests {
    func evaluate(
        _ workshop: Workshop, _ manifest: ReleaseManifest, live: ReleaseRecord? = nil,
        executable: String = Workshop.laneExecutable
    ) async throws -> [Verification.Gate] {
        let gates = ReleaseGates(factory: workshop.factory(executable: executable), logger: .quiet)
        return try await gates.evaluate(manifest, live: live) { _, _ in }.gates
    }

    @Test("a sound release passes them all, in order")
    func sound() async throws {
        let workshop = try Workshop()
        let gates = try await evaluate(workshop, workshop.manifest())
        #expect(gates.map(\.name) == ["artifact", "metric accuracy", "model", "contract", "golden"])
        #expect(gates.map(\.passed) == [true, true, true, true, true])
        #expect(gates[1].detail == "measured 0.97, at least 0.9 is required")
        #expect(gates[2].detail == "takes input FP32 [-1, 30], answers predict FP32 [-1]")
        #expect(gates[3].detail == "no release of cancer is live, so no client relies on one")
        #expect(gates[4].detail.hasPrefix("40 requests replayed, largest difference "))
    }

    @Test("an answer that differs from the golden one fails, and the difference is told")
    func goldenMismatch() async throws {
        let workshop = try Workshop()
        let gates = try await evaluate(workshop, workshop.manifest(golden: Workshop.golden(error: 0.01)))
        #expect(gates.map(\.passed) == [true, true, true, true, false])
        #expect(gates[4].detail.hasPrefix("40 of 40 requests replayed"))
        #expect(gates[4].detail.contains("off by 0.0"))
    }

    @Test("a model file changed after hashing fails, and the metrics are judged all the same")
    func digestMismatch() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest(metrics: ["accuracy": 0.5])
        let path = try workshop.store.path(for: manifest.artifact.digest)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        try Data("tampered".utf8).write(to: URL(filePath: path))
        let gates = try await evaluate(workshop, manifest)
        #expect(gates.map(\.passed) == [false, false, false, true, false])
        #expect(gates[0].detail.contains("was changed after it was stored"))
        #expect(gates[1].detail == "measured 0.5, at least 0.9 is required")
        #expect(gates[2].detail == "not served: the model file is not the manifest's")
        #expect(gates[4].detail == "not replayed: the model file is not the manifest's")
    }

    @Test("a metric that the project does not measure fails")
    func missingMetric() async throws {
        let workshop = try Workshop()
        let gates = try await evaluate(workshop, workshop.manifest(metrics: [:]))
        #expect(gates[1].passed == false)
        #expect(gates[1].detail == "metrics.json has no number accuracy; at least 0.9 is required")
    }

    @Test("a lane that dies at start fails the gate of the model with its last words")
    func dyingLane() async throws {
        let workshop = try Workshop()
        let gates = try await evaluate(workshop, workshop.manifest(model: Array("{}".utf8)))
        #expect(gates.map(\.passed) == [true, true, false, true, false])
        #expect(gates[2].detail.hasPrefix("the lane ended with exit code 1 before it was ready: Error: cannot serve"))
        #expect(gates[4].detail == "not replayed: the model is not served")
    }

    @Test(
        "a model file of a newer XGBoost fails with both versions",
        arguments: ["xgb32_reg.json", "xgb32_binary.ubj", "xgb32_softprob3.json"])
    func newerFile(file: String) async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest(
            model: Workshop.model(file), input: .init(name: "input", features: ["a", "b", "c", "d"]))
        let gates = try await evaluate(workshop, manifest)
        #expect(gates.map(\.passed) == [true, true, false, true, false])
        #expect(gates[2].detail.contains("was written by XGBoost 3.2.0, and the library here is 1."))
    }

    @Test("a model that takes other features than declared fails: another number, another order, other names")
    func wrongFeatures() async throws {
        let workshop = try Workshop()
        let fewer = try await evaluate(workshop, workshop.manifest(model: Workshop.model("classes.ubj")))
        #expect(fewer[2].passed == false)
        #expect(fewer[2].detail.contains("the model takes 4 features, and relay.yaml declares 30"))
        let manifest = try workshop.manifest(
            model: Workshop.model("named.json"), input: .init(name: "input", features: ["f0", "f1", "f2"]))
        let order = try await evaluate(workshop, manifest)
        #expect(order.map(\.passed) == [true, true, false, true, false])
        #expect(order[2].detail.contains("it has 3 (f1, f0, f2), and input.features are 3 (f0, f1, f2)"))
    }

    @Test("golden requests that do not use the declared name of the input fail with the lane's refusal")
    func inputName() async throws {
        let workshop = try Workshop()
        let features = (0..<30).map { "f\($0)" }
        let gates = try await evaluate(workshop, workshop.manifest(input: .init(name: "rows", features: features)))
        #expect(gates[2].detail == "takes rows FP32 [-1, 30], answers predict FP32 [-1]")
        #expect(gates[4].detail.contains("\"input\" is not the model's input, which is \"rows\""))
    }

    @Test("where a model that was stopped early misses its golden answers, the rounds that answer are told")
    func stoppedEarly() async throws {
        let workshop = try Workshop()
        let golden = #"""
            {"cases": [
              {"request": {"inputs": [{"name": "input", "shape": [1, 3], "datatype": "FP32", "data": [1, 2, 3]}]},
               "response": {"outputs": [{"name": "predict", "shape": [1], "datatype": "FP32", "data": [9]}]}}
            ]}
            """#
        let manifest = try workshop.manifest(
            model: Workshop.model("stopped.json"), golden: Array(golden.utf8),
            input: .init(name: "input", features: ["a", "b", "c"]))
        let gates = try await evaluate(workshop, manifest)
        #expect(gates[4].detail.contains("; the lane says: "))
        #expect(gates[4].detail.contains("training was stopped early: the first 8 of 11 rounds answer"))
    }

    @Test("a release whose output is not the live one's breaks the contract")
    func otherOutput() async throws {
        let workshop = try Workshop()
        let input = ReleaseDeclaration.Input(name: "input", features: ["a", "b", "c", "d"])
        let manifest = try workshop.manifest(model: Workshop.model("classes.ubj"), input: input)
        let one = ModelInterface(
            inputs: [.init(name: "input", datatype: "FP32", shape: [-1, 4])],
            outputs: [.init(name: "predict", datatype: "FP32", shape: [-1])])
        let gates = try await evaluate(workshop, manifest, live: release("a", manifest, interface: one))
        #expect(gates[3].passed == false)
        #expect(
            gates[3].detail.contains("the output is predict FP32 [-1, 3], and predict FP32 [-1] in the live one"))
    }

    @Test(
        "a golden file that is none fails with its problems",
        arguments: ["", "[]", #"{"cases":[]}"#, #"{"cases":[{"request":{}}]}"#])
    func badGoldenFile(content: String) async throws {
        let workshop = try Workshop()
        let gates = try await evaluate(workshop, workshop.manifest(golden: Array(content.utf8)))
        #expect(gates[4].passed == false)
        #expect(gates[4].detail.hasPrefix("golden.json: "))
    }
}
