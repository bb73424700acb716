// SPDX-License-Identifier: Apache-2.0

import OpenInference
import XGBoost

/// What the lane says about its model, and what it accepts for it.
struct ServedModel: Sendable, Equatable {
    let name: String
    let version: String
    let featureCount: Int
    /// Numbers the model answers a row; one unless it tells classes apart.
    let outputsPerRow: Int
    /// The only name that the input tensor of a request may have.
    var inputName = ServedModel.inputName

    /// The name unless another one is declared.
    static let inputName = "input"
    static let outputName = "predict"

    /// A batch in the form that libxgboost takes.
    struct Batch: Equatable {
        let rows: Int
        /// Row-major; NaN for a missing value.
        let values: [Float]
    }

    var metadata: ModelMetadata {
        ModelMetadata(
            name: name, versions: [version], platform: "xgboost_booster",
            inputs: [TensorMetadata(name: inputName, datatype: .fp32, shape: [-1, featureCount])],
            outputs: [
                TensorMetadata(
                    name: Self.outputName, datatype: .fp32, shape: outputsPerRow == 1 ? [-1] : [-1, outputsPerRow])
            ])
    }

    /// The rows of a request.
    /// - Throws: `MalformedBody` with everything that keeps this model from answering it.
    func batch(of request: InferenceRequest) throws(MalformedBody) -> Batch {
        var problems: [String] = []
        for (index, output) in request.outputs.enumerated() where output.name != Self.outputName {
            problems.append(
                "outputs[\(index)].name: \"\(output.name)\" is not an output; there is only \"\(Self.outputName)\"")
        }
        guard request.inputs.count == 1, let input = request.inputs.first else {
            problems.append("inputs: has \(request.inputs.count) tensors, the model takes one")
            throw MalformedBody(problems: problems)
        }
        if input.name != inputName {
            problems.append("inputs[0].name: \"\(input.name)\" is not the model's input, which is \"\(inputName)\"")
        }
        if input.shape.count != 2 {
            problems.append(
                "inputs[0].shape: \(input.shape) has \(input.shape.count) dimensions, not [batch, features]")
        } else {
            if input.shape[0] == 0 { problems.append("inputs[0].shape: the batch is empty") }
            if input.shape[1] != featureCount {
                problems.append("inputs[0].shape: has \(input.shape[1]) features, the model takes \(featureCount)")
            }
        }
        guard case .floats(let numbers) = input.data, input.datatype != .fp16 else {
            problems.append("inputs[0].datatype: must be FP32 or FP64, not \(input.datatype.rawValue)")
            throw MalformedBody(problems: problems)
        }
        let values = numbers.map { Float($0) }
        if let index = values.firstIndex(where: \.isInfinite) {
            problems.append("inputs[0].data: element \(index) is out of the range of FP32, in which the model computes")
        }
        guard problems.isEmpty else { throw MalformedBody(problems: problems) }
        return Batch(rows: input.shape[0], values: values)
    }

    func response(to request: InferenceRequest, _ prediction: Booster.Prediction) -> InferenceResponse {
        InferenceResponse(
            modelName: name, modelVersion: version, id: request.id,
            outputs: [
                Tensor(
                    name: Self.outputName, shape: prediction.shape, datatype: .fp32,
                    data: .floats(prediction.values.map { Double($0) }))
            ])
    }
}
