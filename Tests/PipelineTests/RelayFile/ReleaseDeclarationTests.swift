// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Testing

@testable import RelayFile
@testable import YAML

@Suite struct ReleaseDeclarationTests {
    private func read(_ text: String) throws -> ReleaseDeclaration {
        try ReleaseDeclaration.read(YAMLDocument.read(text, name: "relay.yaml"))
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try read(text)
            return []
        } catch {
            return (error as? Refusal)?.problems ?? ["\(error)"]
        }
    }

    @Test("A whole declaration is read, durations and money in their units")
    func whole() throws {
        let declaration = try read(ProjectFixture.release)
        #expect(
            declaration
                == ReleaseDeclaration(
                    model: .init(name: "toy", artifact: "model.json", kind: "xgboost"),
                    input: .init(name: "input", features: ["a", "b"]),
                    gates: .init(
                        metrics: "metrics.json", floors: ["accuracy": 0.9], golden: "serving/golden.json",
                        tolerance: 0.001),
                    lanes: 2,
                    watch: .init(
                        periodSeconds: 1.5, minimumPredictions: 10, reference: "serving/reference.csv",
                        maximumDrift: 0.2, maximumErrorRate: 0.01, maximumLatencyMilliseconds: 250),
                    calibration: nil, requests: nil, budget: Money(micros: 2_500_000, currency: "USD")))
    }

    @Test("How many requests may be refused is declared or left to what was before")
    func refusalRate() throws {
        let declared = ProjectFixture.release.replacing(
            "maximumErrorRate: 0.01,", with: "maximumErrorRate: 0.01, maximumRefusalRate: 0.25,")
        #expect(try read(declared).watch.maximumRefusalRate == 0.25)
        #expect(try read(ProjectFixture.release).watch.maximumRefusalRate == nil)
    }

    @Test("Every problem is named at once with the path of its key")
    func allProblems() {
        let text = """
            version: 2
            model: {name: "a b", artifact: /model, kind: onnx, owner: me}
            input: {name: input, features: [a, a, 1]}
            contract: {version: 0, broken: true}
            gates:
              metrics: {file: m.json, floors: {accuracy: high}}
              golden: {file: g.json, tolerance: -1}
            lanes: {count: 0}
            watch: {period: 10, minimumPredictions: 0, reference: r.csv, maximumDrift: 0, maximumErrorRate: 2,
              maximumRefusalRate: half}
            traffic: {}
            budget: {limit: 0, currency: dollars}
            lane: 1
            """
        #expect(
            problems(text) == [
                "relay.yaml: version: must be an integer from 1 to 1",
                "relay.yaml: model.artifact: \"/model\" must be relative to the project",
                "relay.yaml: model.owner: is not a known key; known are artifact, kind, name",
                "relay.yaml: model.name: may hold letters, digits, \".\", \"_\" and \"-\" only, and holds U+0020",
                "relay.yaml: model.kind: \"onnx\" cannot be served; known is xgboost",
                "relay.yaml: input.features[2]: must be a text, not an integer",
                "relay.yaml: input.features: has \"a\" twice",
                "relay.yaml: contract.version: must be an integer of at least 1",
                "relay.yaml: contract.broken: is not a known key; known are version",
                "relay.yaml: gates.metrics.floors.accuracy: must be a number",
                "relay.yaml: gates.golden.tolerance: must be a number of at least 0",
                "relay.yaml: lanes.count: must be an integer from 1 to 64",
                "relay.yaml: watch.period: must be a duration above zero such as 250ms, 10s or 2m",
                "relay.yaml: watch.minimumPredictions: must be an integer of at least 1",
                "relay.yaml: watch.maximumDrift: must be a number above 0",
                "relay.yaml: watch.maximumErrorRate: must be a number from 0 to 1",
                "relay.yaml: watch.maximumLatency: is missing",
                "relay.yaml: watch.maximumRefusalRate: must be a number from 0 to 1",
                "relay.yaml: traffic.file: is missing",
                "relay.yaml: budget.limit: must be a number above 0",
                "relay.yaml: budget.currency: must be three capital letters such as USD",
                "relay.yaml: lane: is not a known key; known are budget, calibration, contract, gates, input, lanes, "
                    + "model, traffic, version, watch",
            ])
    }

    @Test("A declared version of the contract is read")
    func contract() throws {
        #expect(try read(ProjectFixture.release + "contract: {version: 3}\n").contract?.version == 3)
        #expect(try read(ProjectFixture.release).contract == nil)
    }

    @Test("An empty document is refused, and so is one that is no map", arguments: ["", "[1]", "text"])
    func noMap(text: String) {
        #expect(problems(text).first?.hasPrefix("relay.yaml: ") == true)
    }

    @Test("Leaving out any required part is a problem that names it")
    func missingParts() throws {
        guard case .map(let whole) = try YAMLDocument.read(ProjectFixture.release, name: "relay.yaml") else {
            Issue.record("the fixture is no map")
            return
        }
        for key in whole.keys {
            var part = whole
            part[key] = nil
            let refusal = #expect(throws: Refusal.self) { try ReleaseDeclaration.read(.map(part)) }
            #expect(refusal?.problems == ["relay.yaml: \(key): is missing"])
        }
    }

    @Test("The table of docs/relay-yaml.md has exactly the keys that are read")
    func documentation() throws {
        let documentation = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/relay-yaml.md")
        let rows = try String(contentsOf: documentation, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("| `") }
            .compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        let optional = "calibration: {file: c.csv}\ntraffic: {file: t.jsonl}\ncontract: {version: 2}\n"
        let release = ProjectFixture.release.replacing(
            "maximumErrorRate: 0.01,", with: "maximumErrorRate: 0.01, maximumRefusalRate: 0.25,")
        guard case .map(let root) = try YAMLDocument.read(release + optional, name: "") else { return }
        _ = try ReleaseDeclaration.read(.map(root))
        func leaves(_ map: YAMLMap, _ prefix: String) -> [String] {
            map.entries.flatMap { entry -> [String] in
                let name = prefix + entry.key
                if case .map(let inner) = entry.value, name != "gates.metrics.floors" {
                    return leaves(inner, name + ".")
                }
                return [name]
            }
        }
        #expect(Set(rows) == Set(leaves(root, "")))
    }
}
