// SPDX-License-Identifier: Apache-2.0

package import Baton
import YAML

/// Parameters of a request, put in the place of the project's own.
package enum ParameterChange {
    /// The file whose parameters a request may set.
    package static let file = "params.yaml"

    /// The text of `params.yaml` with other values, in which every other byte stays what it is.
    /// - Throws: `Refusal` naming every parameter that the project does not have or that cannot be set so.
    package static func apply(_ changes: [String: JSONValue], to text: String) throws(Refusal) -> String {
        var document = YAMLText(text)
        var problems: [String] = []
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
            do {
                try document.set(name, to: YAMLValue(value), in: file)
            } catch {
                problems += error.problems
            }
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        return document.text
    }
}
