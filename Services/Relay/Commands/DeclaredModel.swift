// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The model that a project on this machine declares.
enum DeclaredModel {
    /// Reads `model.name` from a project's `relay.yaml`, without judging the rest: that is the pipeline's.
    static func name(inProject directory: String) throws -> String {
        let path = directory + "/relay.yaml"
        guard let text = FileManager.default.contents(atPath: path).map({ String(decoding: $0, as: UTF8.self) }) else {
            throw RelayFailure(
                "there is no \(path)", remedy: "name a project directory that has one, or describe yours in one")
        }
        var isInModel = false
        for line in text.split(separator: "\n") {
            if !line.hasPrefix(" ") { isInModel = line.hasPrefix("model:") }
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\"" || $0 == "'" })
            if isInModel, words.first == "name:", words.count > 1 { return String(words[1]) }
        }
        throw RelayFailure("\(path) declares no model.name", remedy: "add it, or name the model with --model")
    }
}
