// SPDX-License-Identifier: Apache-2.0

import Yams

/// What is wrong with a YAML document, and where, in words for whoever wrote it.
public func yamlWords(_ error: any Error) -> String {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
        YamlError.composer(_, let problem, let mark, _):
        "\(problem) in line \(mark.line), column \(mark.column)"
    case YamlError.duplicatedKeysInMapping(let keys, let context):
        "a map has \(keys.map { "\($0)" }.joined(separator: ", ")) twice, in line \(context.mark.line)"
    default: "\(error)"
    }
}
