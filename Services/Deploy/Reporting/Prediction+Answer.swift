// SPDX-License-Identifier: Apache-2.0

import Baton
import NIOCore
import OpenInference
import Routing

extension Prediction {
    init(_ answer: AnsweredRequest) {
        let request = answer.isAbridged ? nil : try? InferenceRequest(json: answer.request.readableBytesView)
        let response =
            answer.status == 200 && !answer.isAbridged
            ? try? InferenceResponse(json: answer.response.readableBytesView) : nil
        self.init(
            id: request?.id ?? answer.id, model: answer.release.model, baton: answer.release.baton,
            artifact: answer.release.manifest.artifact.digest, lane: answer.lane, status: answer.status,
            rows: response == nil ? [] : request?.rows ?? [],
            outputs: response?.outputs.first?.data.numbers ?? [], latencyMilliseconds: answer.latency.seconds * 1000,
            at: answer.at, isAbridged: answer.isAbridged ? true : nil)
    }
}

extension InferenceRequest {
    /// The rows of the only input, nil for a missing value; empty when the input is no table of numbers.
    var rows: [[Double?]] {
        guard let input = inputs.first, input.shape.count == 2, let numbers = input.data.numbers else { return [] }
        let width = input.shape[1]
        return (0..<input.shape[0]).map { row in
            numbers[row * width..<(row + 1) * width].map { $0.isNaN ? nil : $0 }
        }
    }
}
