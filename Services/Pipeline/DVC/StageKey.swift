// SPDX-License-Identifier: Apache-2.0

package import Digest
package import YAML

/// The digest of everything that a stage's result may depend on. Equal keys mean equal results, so a stage whose key is
/// known need not run.
package struct StageKey: Sendable {
    /// What names it in the store.
    package let digest: ContentDigest

    /// - Parameters:
    ///   - inputs: what the stage reads, by path in the project.
    ///   - programs: what its commands are run by, as texts that change with them.
    ///   - surroundings: what else a stage finds around it, by name.
    package init(
        _ stage: StageDefinition, inputs: [String: HashedPath], parameters: [(file: String, values: YAMLMap)],
        programs: [String], surroundings: [String: String]
    ) {
        let parameters = YAMLMap(parameters.map { ($0.file, .map($0.values)) })
        let document = YAMLMap([
            ("version", .integer(2)),
            ("cmd", stage.command),
            ("wdir", .text(stage.directory)),
            ("deps", .map(YAMLMap(inputs.sorted { $0.key < $1.key }.map { ($0.key, Self.describe($0.value)) }))),
            ("params", .map(parameters)),
            ("outs", .list(stage.outputs.map(\.inProject).sorted().map(YAMLValue.text))),
            (
                "surroundings",
                .map(YAMLMap(surroundings.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) }))
            ),
            ("programs", .list(programs.map(YAMLValue.text))),
        ])
        digest = SHA256.hash(YAMLWriter.write(.map(document)))
    }

    private static func describe(_ input: HashedPath) -> YAMLValue {
        .text("\(input.digest)\(input.isExecutable ? " executable" : "")")
    }
}
