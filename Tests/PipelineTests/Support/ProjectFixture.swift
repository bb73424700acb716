// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Foundation
import Synchronization

@testable import Building
@testable import Sandbox

/// A small project in a directory of its own, with a store beside it; gone after the test.
final class ProjectFixture: Sendable {
    let root = FileManager.default.temporaryDirectory.appending(path: "pipeline-\(UUID())").path
    var project: String { root + "/project" }
    var store: LocalArtifactStore {
        get throws { try LocalArtifactStore(directory: root + "/store") }
    }

    static let pipeline = """
        stages:
          prepare:
            cmd: tr a-z A-Z < raw.txt > data.txt
            deps: [raw.txt]
            outs: [data.txt]
          train:
            cmd: (cat data.txt; echo depth ${train.depth}) > model.json
            deps: [data.txt]
            params: [train.depth]
            outs: [model.json]
          evaluate:
            cmd: echo '{"accuracy":0.95,"more":{"auc":0.5}}' > metrics.json
            deps: [model.json]
            metrics:
              - metrics.json: {cache: false}
          package:
            cmd:
              - mkdir serving
              - cp data.txt serving/reference.csv
              - echo '{"cases":[]}' > serving/golden.json
            deps: [data.txt]
            outs: [serving]

        """

    static let release = """
        version: 1
        model: {name: toy, artifact: model.json, kind: xgboost}
        input: {name: input, features: [a, b]}
        gates:
          metrics: {file: metrics.json, floors: {accuracy: 0.9}}
          golden: {file: serving/golden.json, tolerance: 0.001}
        lanes: {count: 2}
        watch: {period: 1.5s, minimumPredictions: 10, reference: serving/reference.csv, maximumDrift: 0.2,
          maximumErrorRate: 0.01, maximumLatency: 250ms}
        budget: {limit: 2.5, currency: USD}

        """

    init(pipeline: String = ProjectFixture.pipeline) throws {
        try write("raw.txt", "hello\n")
        try write("params.yaml", "train:\n  depth: 3\n  note: unused\n")
        try write("dvc.yaml", pipeline)
        try write("relay.yaml", Self.release)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ name: String, _ text: String) throws {
        let url = URL(filePath: "\(project)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func change(_ old: String, to new: String, in name: String) throws {
        let text = try String(contentsOfFile: "\(project)/\(name)", encoding: .utf8)
        try write(name, text.replacing(old, with: new))
    }

    func build(
        _ project: ReleaseRequest.Project? = nil, model: String = "toy", parameters: [String: JSONValue]? = nil,
        gitCredentialsFile: String? = nil, meter: BuildMeter = BuildMeter(), stagePath: StagePath = .system,
        allowsView: Bool = true, notice: @escaping @Sendable (String) -> Void = { _ in },
        progress: @escaping @Sendable (Double, String) -> Void = { _, _ in }
    ) async throws -> ReleaseManifest {
        let request = ReleaseRequest(
            project: project ?? .init(directory: self.project), model: model, requester: "test", parameters: parameters)
        return try await Build(
            request: request, store: store, workspaceDirectory: "\(root)/workspace-\(UUID())", logs: "\(root)/logs",
            stagePath: stagePath, gitCredentialsFile: gitCredentialsFile, meter: meter, progress: progress,
            notice: notice, allowsView: allowsView
        ).run()
    }

    /// The reason for which a build fails.
    func failure(model: String = "toy", parameters: [String: JSONValue]? = nil) async throws -> BuildFailure? {
        do {
            _ = try await build(model: model, parameters: parameters)
            return nil
        } catch let failure as BuildFailure {
            return failure
        }
    }

    /// What a stage wrote, of a project that is only that stage beside what `relay.yaml` needs.
    static func pipeline(_ stages: String) -> String {
        """
        stages:
          rest:
            cmd: cp raw.txt model.json; echo {} > metrics.json; mkdir serving; cp raw.txt serving/golden.json;
              cp raw.txt serving/reference.csv
            deps: [raw.txt]
            outs: [model.json, metrics.json, serving]
        \(stages)

        """
    }

    func content(of path: String, in manifest: ReleaseManifest) throws -> String {
        try String(contentsOfFile: store.path(for: manifest.output(path).digest), encoding: .utf8)
    }
}

extension ReleaseManifest {
    /// The names of the stages that ran.
    var ran: [String] { stages.filter { $0.result == .ran }.map(\.name) }
}
