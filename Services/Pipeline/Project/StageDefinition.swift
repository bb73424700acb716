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
    /// Whether the stage runs although nothing it depends on has changed.
    var isAlwaysChanged = false

    /// What is given to a shell, one after another. DVC runs each line of a text by itself, and so does this.
    var commands: [String] {
        let items: [YAMLValue] = if case .list(let items) = command { items } else { [command] }
        return items.flatMap { item -> [String] in
            guard case .text(let text) = item else { return [] }
            return text.split(whereSeparator: \.isNewline).map(String.init)
        }
    }

    /// Everything that the stage reads.
    var inputs: [Path] { dependencies + parameters.map(\.file) }
}
