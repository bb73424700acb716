// SPDX-License-Identifier: Apache-2.0

package import YAML

/// One stage of a `dvc.yaml`, with its templates resolved.
package struct StageDefinition: Sendable, Equatable {
    /// A path as the stage writes it, which is how `dvc.lock` does, and as the project knows it.
    package struct Path: Hashable, Sendable {
        /// As the file has it: relative to the stage's directory.
        package let written: String
        /// Relative to the project, normalised.
        package let inProject: String
    }

    /// A file of parameters and which of them the stage depends on.
    package struct Parameters: Hashable, Sendable {
        /// The file with the parameters.
        package let file: Path
        /// Dotted paths; nil for all top-level keys of the file.
        package var keys: [String]?
    }

    /// The stage's name, after `foreach` and `matrix`.
    package let name: String
    /// What `cmd` holds: a text or a list of texts.
    package let command: YAMLValue
    /// Relative to the project; empty for its root.
    package let directory: String
    /// What the stage reads besides its parameters.
    package var dependencies: [Path] = []
    /// The parameters that the stage depends on.
    package var parameters: [Parameters] = []
    /// What the stage writes, metrics and plots included.
    package var outputs: [Path] = []
    /// Whether the stage is declared to be changed always.
    package var isAlwaysChanged = false
    /// Whether the stage is declared to read nothing but its dependencies and write nothing but its outputs, so that it
    /// may run while others do that are too.
    package var isIndependent = false

    /// Whether the stage runs although nothing it depends on has changed: as in DVC also one that depends on nothing
    /// and writes nothing, and so is there for what else it does.
    package var runsAlways: Bool {
        isAlwaysChanged || dependencies.isEmpty && parameters.isEmpty && outputs.isEmpty
    }

    /// What is given to a shell, one after another. As in DVC, each line of a text is a command by itself, and an item
    /// of a list is one whole.
    package var commands: [String] {
        switch command {
        case .list(let items): items.compactMap { if case .text(let text) = $0 { text } else { nil } }
        case .text(let text): text.split(whereSeparator: \.isNewline).map(String.init)
        default: []
        }
    }

    /// Everything that the stage reads.
    package var inputs: [Path] { dependencies + parameters.map(\.file) }
}
