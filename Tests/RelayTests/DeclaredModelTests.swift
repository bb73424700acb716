// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import RelayClients
@testable import RelayCommands

@Suite("The model that a project declares")
struct DeclaredModelTests {
    private func name(_ text: String?) throws -> String {
        let directory = FileManager.default.temporaryDirectory.appending(path: "declared-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        if let text { try Data(text.utf8).write(to: directory.appending(path: "relay.yaml")) }
        return try DeclaredModel.name(inProject: directory.path)
    }

    @Test(
        "is read in every style of YAML",
        arguments: [
            "model: {name: wine, kind: xgboost}\n", "version: 1\nmodel:\n  kind: xgboost\n  name: \"wine\" # ours\n",
            "input: {name: other}\nmodel:\n    name: 'wine'\n",
        ])
    func styles(text: String) throws {
        #expect(try name(text) == "wine")
    }

    @Test(
        "or a reason says what to do",
        arguments: [
            (nil, "there is no"), ("model: {kind: xgboost}\n", "declares no model.name"),
            ("name: wine\n", "declares no model.name"), ("model: [\n", "is not YAML"),
            ("model: wine\n", "declares no model.name"), ("model: {name: {a: b}}\n", "declares no model.name"),
        ])
    func missing(text: String?, reason: String) {
        let failure = #expect(throws: RelayFailure.self) { try name(text) }
        #expect(failure.map { "\($0)".contains(reason) } == true, "\(String(describing: failure))")
    }
}
