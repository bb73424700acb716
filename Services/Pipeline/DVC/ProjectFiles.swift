// SPDX-License-Identifier: Apache-2.0

package import Baton
package import YAML

/// The files of a project, as they are given to what reads them. Which ones those are shows only while `dvc.yaml` is
/// read, because `vars` name others; so it asks for them one by one, and opens none itself.
package protocol ProjectFiles {
    /// The bytes of a file by its path in the project; nil when nothing is there.
    /// - Throws: `Refusal` when it cannot be read, or its path leads out of the project.
    func content(of path: String) throws(Refusal) -> [UInt8]?
}

extension ProjectFiles {
    /// The value of a YAML file that must be there.
    /// - Throws: `Refusal`.
    package func document(_ path: String) throws(Refusal) -> YAMLValue {
        try YAMLDocument.read(required(path), name: path)
    }

    /// The text of a file that must be there.
    /// - Throws: `Refusal`.
    package func text(_ path: String) throws(Refusal) -> String {
        try YAMLDocument.text(required(path), name: path)
    }

    private func required(_ path: String) throws(Refusal) -> [UInt8] {
        guard let bytes = try content(of: path) else { throw Refusal("\(path) is missing") }
        return bytes
    }
}
