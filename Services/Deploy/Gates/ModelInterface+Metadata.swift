// SPDX-License-Identifier: Apache-2.0

import Baton
import OpenInference

extension ModelInterface {
    init(_ metadata: ModelMetadata) {
        func tensors(_ all: [TensorMetadata]) -> [Tensor] {
            all.map { Tensor(name: $0.name, datatype: $0.datatype.rawValue, shape: $0.shape) }
        }
        self.init(inputs: tensors(metadata.inputs), outputs: tensors(metadata.outputs))
    }
}
