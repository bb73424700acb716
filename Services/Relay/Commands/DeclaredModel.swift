// SPDX-License-Identifier: Apache-2.0

import Foundation
import Operations
import RelayClients
import Yams

/// The model that a project on this machine declares.
enum DeclaredModel {
    /// Reads `model.name` from a project's `relay.yaml`, without judging the rest: that is the pipeline's.
    /// - Throws: `RelayFailure` with what to do.
    static func name(inProject directory: String) throws -> String {
        let path = directory + "/relay.yaml"
        guard let text = FileManager.default.contents(atPath: path).map({ String(decoding: $0, as: UTF8.self) }) else {
            throw RelayFailure(
                "there is no \(path)", remedy: "name a project directory that has one, or describe yours in one")
        }
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch {
            throw RelayFailure(
                "\(path) is not YAML: \(inPlainWords(error))", remedy: "correct it, or name the model with --model")
        }
        guard let name = root?["model"]?["name"]?.string, !name.isEmpty else {
            throw RelayFailure("\(path) declares no model.name", remedy: "add it, or name the model with --model")
        }
        return name
    }
}
