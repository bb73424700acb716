// SPDX-License-Identifier: Apache-2.0

import Foundation
import OpenInference

/// A model under `Tests/Fixtures/lane` with what Python's xgboost predicts with it.
struct Fixture: Decodable, Sendable {
    let inputs: [[Double?]]
    let predictions: [[Double]]

    static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/lane")

    static func model(_ file: String) throws -> [UInt8] {
        Array(try Data(contentsOf: directory.appending(path: file)))
    }

    static func expected(_ name: String) throws -> Fixture {
        try JSONDecoder().decode(
            Fixture.self, from: Data(contentsOf: directory.appending(path: "\(name).expected.json")))
    }

    private enum CodingKeys: CodingKey { case inputs, predictions }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        inputs = try container.decode([[Double?]].self, forKey: .inputs)
        if let single = try? container.decode([Double].self, forKey: .predictions) {
            predictions = single.map { [$0] }
        } else {
            predictions = try container.decode([[Double]].self, forKey: .predictions)
        }
    }

    /// Row-major, NaN for a missing value.
    var values: [Double] { inputs.flatMap { $0.map { $0 ?? .nan } } }

    /// All rows in one request.
    var request: InferenceRequest {
        InferenceRequest(
            id: "golden",
            inputs: [
                Tensor(
                    name: "input", shape: [inputs.count, inputs[0].count], datatype: .fp64, data: .floats(values))
            ])
    }
}
