// SPDX-License-Identifier: Apache-2.0

/// The tensors that a served model takes and answers, as its lane tells them.
public struct ModelInterface: Codable, Sendable, Equatable {
    public struct Tensor: Codable, Sendable, Equatable {
        public var name: String
        /// As the Open Inference Protocol writes it.
        public var datatype: String
        /// Lengths of the dimensions; -1 stands for any length.
        public var shape: [Int]
        public init(name: String, datatype: String, shape: [Int]) {
            self.name = name
            self.datatype = datatype
            self.shape = shape
        }

        /// `predict FP32 [-1, 3]`.
        public var sentence: String { "\(name) \(datatype) \(shape)" }
    }

    public var inputs: [Tensor]
    public var outputs: [Tensor]
    public init(inputs: [Tensor], outputs: [Tensor]) {
        self.inputs = inputs
        self.outputs = outputs
    }
}
