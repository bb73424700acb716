// SPDX-License-Identifier: Apache-2.0

package import Baton

extension YAMLValue {
    /// A number that was written without a point or an exponent is an integer.
    package init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        // What is beyond all numbers is refused when it is asked for.
        case .number(let value): self = YAMLScalar.resolve(value.text)
        case .string(let value): self = .text(value)
        case .array(let items): self = .list(items.map { YAMLValue($0) })
        case .object(let members):
            self = .map(YAMLMap(members.sorted { $0.key < $1.key }.map { ($0.key, YAMLValue($0.value)) }))
        }
    }
}
