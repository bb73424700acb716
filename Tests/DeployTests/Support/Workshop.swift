// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Digest
import Foundation
import Logging
import NIOCore
import OpenInference
import Operations
import Synchronization

@testable import Reporting
@testable import Routing
@testable import Serving

/// A directory with a store in it, gone when the test is over.
final class Workshop: Sendable {
    let directory: String
    let store: LocalArtifactStore

    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .appending(path: "Fixtures/lane")
    static let laneExecutable =
        Bundle.main.executableURL?.deletingLastPathComponent().appending(path: "relay-lane").path ?? "relay-lane"

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "deploy-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        store = try LocalArtifactStore(directory: directory + "/store")
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    func factory(executable: String = Workshop.laneExecutable) -> LaneFactory {
        LaneFactory(store: store, directory: directory, executable: executable)
    }

    /// Puts a fixture model and golden requests for it into the store, and describes them as a release.
    func manifest(
        model: [UInt8]? = nil, golden: [UInt8]? = nil, metrics: [String: Double] = ["accuracy": 0.97], lanes: Int = 2,
        input: ReleaseDeclaration.Input = .init(name: "input", features: (0..<30).map { "f\($0)" }),
        contract: Int? = nil
    ) throws -> ReleaseManifest {
        let model = try model ?? Self.model("binary.ubj")
        let artifact = try store.put(bytes: model)
        let golden = try store.put(bytes: golden ?? Self.golden())
        func output(_ path: String, _ stored: StoredArtifact) -> ReleaseManifest.Output {
            .init(path: path, digest: stored.digest, bytes: Int64(stored.bytes))
        }
        let declaration = ReleaseDeclaration(
            model: .init(name: "cancer", artifact: "model.ubj", kind: "xgboost"),
            input: input,
            gates: .init(metrics: "metrics.json", floors: ["accuracy": 0.9], golden: "golden.json", tolerance: 1e-6),
            lanes: lanes,
            watch: .init(
                periodSeconds: 1, minimumPredictions: 1, reference: "reference.csv", maximumDrift: 1,
                maximumErrorRate: 1, maximumLatencyMilliseconds: 1000),
            calibration: nil, requests: nil, budget: Money(1, currency: "USD"),
            contract: contract.map { .init(version: $0) })
        return ReleaseManifest(
            declaration: declaration, artifact: output("model.ubj", artifact),
            outputs: [output("model.ubj", artifact), output("golden.json", golden)], metrics: metrics, stages: [],
            source: artifact.digest, commit: nil, lock: golden.digest)
    }

    static func model(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: fixtures.appending(path: name)))
    }

    /// The golden file as the sample project's pipeline writes it, with every answer moved by `error`.
    static func golden(error: Double = 0) throws -> [UInt8] {
        let cases = try Expected.binary().rows.map { row in
            [
                "request": ["id": "g", "inputs": [tensor("input", [1, 30], row.inputs)]],
                "response": ["id": "g", "outputs": [tensor("predict", [1], [row.prediction + error])]],
            ]
        }
        return Array(try JSONSerialization.data(withJSONObject: ["tolerance": 1e-6, "cases": cases]))
    }

    private static func tensor(_ name: String, _ shape: [Int], _ data: [Double?]) -> [String: Any] {
        ["name": name, "shape": shape, "datatype": "FP32", "data": data.map { $0 ?? NSNull() as Any }]
    }
}

/// What Python's xgboost predicts with the fixture model.
struct Expected: Decodable {
    struct Row: Sendable {
        let inputs: [Double?]
        let prediction: Double

        var request: [UInt8] {
            let tensor = Tensor(
                name: "input", shape: [1, inputs.count], datatype: .fp32, data: .floats(inputs.map { $0 ?? .nan }))
            return InferenceRequest(inputs: [tensor]).json()
        }
    }

    let inputs: [[Double?]]
    let predictions: [Double]

    var rows: [Row] { zip(inputs, predictions).map { Row(inputs: $0, prediction: $1) } }

    static func binary() throws -> Expected {
        try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: Workshop.fixtures.appending(path: "binary.expected.json")))
    }
}

func baton(_ name: String) -> BatonID { BatonID(source: "test", id: name) }

func release(
    _ name: String, _ manifest: ReleaseManifest, status: ReleaseRecord.Status = .live, askedAt: Int64? = nil,
    interface: ModelInterface? = nil
) -> ReleaseRecord {
    ReleaseRecord(
        model: "cancer", baton: baton(name), status: status, manifest: manifest,
        requestedAt: Timestamp(milliseconds: askedAt ?? order(of: name)), interface: interface,
        changedAt: Timestamp(milliseconds: 0))
}

/// Names that are used one after another were asked for in that order.
private func order(of name: String) -> Int64 {
    Int64(["one", "two", "good", "bad", "a", "b", "c"].firstIndex(of: name) ?? 0)
}

extension Logger {
    /// A log that only speaks of what is worse than what the tests provoke.
    static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}

/// Keeps what is reported.
final class CollectedReports: AnswerReports {
    private let collected = Mutex<[AnsweredRequest]>([])
    var answers: [AnsweredRequest] { collected.withLock { $0 } }
    func report(_ answer: AnsweredRequest) { collected.withLock { $0.append(answer) } }
}

/// Keeps events, or refuses them.
final class CollectedEvents: EventSink {
    struct Full: Error {}
    typealias Entry = (event: CloudEvent, topic: String, key: String)

    private let state = Mutex<(entries: [Entry], isFull: Bool)>(([], false))
    var entries: [Entry] { state.withLock { $0.entries } }
    func setFull(_ full: Bool) { state.withLock { $0.isFull = full } }

    func enqueue(_ event: CloudEvent, topic: String, key: String) throws {
        try state.withLock { state in
            guard !state.isFull else { throw Full() }
            state.entries.append((event, topic, key))
        }
    }
}
