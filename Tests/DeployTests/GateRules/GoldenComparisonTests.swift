// SPDX-License-Identifier: Apache-2.0

import OpenInference
import Testing

@testable import GateRules

@Suite("How far an answer is from the golden one")
struct GoldenComparisonTests {
    @Test("answers are compared by name, shape and value")
    func comparison() {
        func tensor(_ name: String, _ shape: [Int], _ values: [Double]) -> Tensor {
            Tensor(name: name, shape: shape, datatype: .fp32, data: .floats(values))
        }
        let expected = [tensor("predict", [2], [1, .nan])]
        #expect(GoldenComparison(expected: expected, found: [tensor("predict", [2], [1.5, .nan])]) == .difference(0.5))
        let double = Tensor(name: "predict", shape: [2], datatype: .fp64, data: .floats([1, .nan]))
        for found in [
            double,
            tensor("other", [2], [1, .nan]), tensor("predict", [1, 2], [1, .nan]), tensor("predict", [2], [1, 2]),
        ] {
            guard case .different = GoldenComparison(expected: expected, found: [found]) else {
                Issue.record("\(found) was taken for comparable")
                continue
            }
        }
    }
}
