// SPDX-License-Identifier: Apache-2.0

package import OpenInference

/// How far an answer is from the golden one.
package enum GoldenComparison: Equatable {
    /// The largest absolute difference of two numbers.
    case difference(Double)
    /// The answers cannot be compared, for this reason.
    case different(String)

    /// Compares tensors by name, shape, type and content.
    package init(expected: [Tensor], found: [Tensor]) {
        var largest = 0.0
        for tensor in expected {
            guard let answer = found.first(where: { $0.name == tensor.name }) else {
                self = .different("the answer has no output \"\(tensor.name)\"")
                return
            }
            guard answer.shape == tensor.shape else {
                self = .different("output \"\(tensor.name)\" has shape \(answer.shape), expected \(tensor.shape)")
                return
            }
            guard answer.datatype == tensor.datatype else {
                self = .different(
                    "output \"\(tensor.name)\" is \(answer.datatype.rawValue), expected \(tensor.datatype.rawValue)")
                return
            }
            guard let left = tensor.data.numbers, let right = answer.data.numbers else {
                guard tensor.data == answer.data else {
                    self = .different("output \"\(tensor.name)\" holds other strings than expected")
                    return
                }
                continue
            }
            for (expected, found) in zip(left, right) where !(expected.isNaN && found.isNaN) {
                let difference = abs(expected - found)
                guard !difference.isNaN else {
                    self = .different("output \"\(tensor.name)\" holds \(found), expected \(expected)")
                    return
                }
                largest = max(largest, difference)
            }
        }
        self = .difference(largest)
    }
}
