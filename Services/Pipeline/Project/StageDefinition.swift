// SPDX-License-Identifier: Apache-2.0

/// One stage of a `dvc.yaml`, with its templates resolved.
struct StageDefinition: Sendable, Equatable {
    /// A path as the stage writes it, which is how `dvc.lock` does, and as the project knows it.
    struct Path: Hashable, Sendable {
        let written: String
        let inProject: String
    }

    /// A file of parameters and which of them the stage depends on.
    struct Parameters: Hashable, Sendable {
        let file: Path
        /// Dotted paths; nil for all top-level keys of the file.
        var keys: [String]?
    }

    let name: String
    /// What `cmd` holds: a text or a list of texts.
    let command: YAMLValue
    /// Relative to the project; empty for its root.
    let directory: String
    var dependencies: [Path] = []
    var parameters: [Parameters] = []
    var outputs: [Path] = []
    /// Whether the stage is declared to be changed always.
    var isAlwaysChanged = false
    /// Whether the stage is declared to read nothing but its dependencies and write nothing but its outputs, so that it
    /// may run while others do that are too.
    var isIndependent = false

    /// Whether the stage runs although nothing it depends on has changed: as in DVC also one that depends on nothing
    /// and writes nothing, and so is there for what else it does.
    var runsAlways: Bool {
        isAlwaysChanged || dependencies.isEmpty && parameters.isEmpty && outputs.isEmpty
    }

    /// What is given to a shell, one after another. As in DVC, each line of a text is a command by itself, and an item
    /// of a list is one whole.
    var commands: [String] {
        switch command {
        case .list(let items): items.compactMap { if case .text(let text) = $0 { text } else { nil } }
        case .text(let text): text.split(whereSeparator: \.isNewline).map(String.init)
        default: []
        }
    }

    /// Everything that the stage reads.
    var inputs: [Path] { dependencies + parameters.map(\.file) }
}
