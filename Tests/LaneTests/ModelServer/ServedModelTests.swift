// SPDX-License-Identifier: Apache-2.0

import OpenInference
import Testing

@testable import ModelServer

@Suite("What a lane accepts")
struct ServedModelTests {
    let model = ServedModel(name: "m", version: "1", featureCount: 2, outputsPerRow: 1)

    func input(_ shape: [Int], _ datatype: DataType = .fp32, _ data: TensorData) -> Tensor {
        Tensor(name: "input", shape: shape, datatype: datatype, data: data)
    }

    func problems(_ request: InferenceRequest) -> [String] {
        do {
            _ = try model.batch(of: request)
            return []
        } catch {
            return error.problems
        }
    }

    @Test("takes one tensor of rows in FP32 or FP64, with missing values as NaN")
    func accepted() throws {
        for datatype in [DataType.fp32, .fp64] {
            let batch = try model.batch(of: .init(inputs: [input([2, 2], datatype, .floats([1, .nan, 3, 4]))]))
            #expect(batch.rows == 2)
            #expect(batch.values[0] == 1 && batch.values[1].isNaN)
        }
    }

    @Test("names the number of features, the datatype and an unknown output in one refusal")
    func severalProblems() {
        let request = InferenceRequest(
            inputs: [input([1, 3], .int8, .integers([1, 2, 3]))], outputs: [.init(name: "probability")])
        #expect(
            problems(request) == [
                "outputs[0].name: \"probability\" is not an output; there is only \"predict\"",
                "inputs[0].shape: has 3 features, the model takes 2",
                "inputs[0].datatype: must be FP32 or FP64, not INT8",
            ])
    }

    @Test("refuses an empty batch, another rank, two tensors, and numbers beyond FP32")
    func refused() {
        #expect(
            problems(.init(inputs: [input([0, 2], .fp32, .floats([]))])) == ["inputs[0].shape: the batch is empty"])
        #expect(
            problems(.init(inputs: [input([2], .fp32, .floats([1, 2]))]))
                == ["inputs[0].shape: [2] has 1 dimensions, not [batch, features]"])
        let one = input([1, 2], .fp32, .floats([1, 2]))
        #expect(problems(.init(inputs: [one, one])) == ["inputs: has 2 tensors, the model takes one"])
        #expect(
            problems(.init(inputs: [input([1, 2], .fp64, .floats([1, 1e300]))]))
                == ["inputs[0].data: element 1 is out of the range of FP32, in which the model computes"])
    }

    @Test("takes the declared name of the input and no other, and tells it")
    func inputName() {
        var declared = model
        declared.inputName = "features"
        let request = InferenceRequest(inputs: [input([1, 2], .fp32, .floats([1, 2]))])
        #expect(
            throws: MalformedBody(problems: [
                "inputs[0].name: \"input\" is not the model's input, which is \"features\""
            ])
        ) { try declared.batch(of: request) }
        #expect(declared.metadata.inputs.map(\.name) == ["features"])
        var right = request
        right.inputs[0].name = "features"
        #expect(throws: Never.self) { try declared.batch(of: right) }
    }

    @Test("describes its tensors: any number of rows, the trained number of features")
    func metadata() {
        #expect(model.metadata.inputs == [.init(name: "input", datatype: .fp32, shape: [-1, 2])])
        #expect(model.metadata.outputs == [.init(name: "predict", datatype: .fp32, shape: [-1])])
        let classes = ServedModel(name: "m", version: "1", featureCount: 2, outputsPerRow: 3)
        #expect(classes.metadata.outputs == [.init(name: "predict", datatype: .fp32, shape: [-1, 3])])
    }
}
