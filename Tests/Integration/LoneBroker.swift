// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import TestSupport

/// The embedded broker in a process of its own, without a relay.
enum LoneBroker {
    /// Starts it on `<directory>/broker`, runs `body` with its address, and ends it whichever way that ends.
    static func with(directory: String, _ body: (_ kafka: String) async throws -> Void) async throws {
        let file = "\(directory)/broker.json"
        let broker = try await ChildProcess.spawn(
            Command(
                executable: TestRelay.binaries + "/relay",
                arguments: [
                    "broker", "--data-directory", "\(directory)/broker", "--listen", "127.0.0.1:0", "--address-file",
                    file,
                ], environment: TestRelay.environment, output: .appending(toFile: "\(directory)/broker.log")))
        do {
            let kafka = try await eventually(within: .seconds(30), "the broker's address") {
                struct Address: Decodable { var port: Int }
                guard let data = FileManager.default.contents(atPath: file) else { return nil as String? }
                return try "127.0.0.1:\(JSONDecoder().decode(Address.self, from: data).port)"
            }
            try await body(kafka)
        } catch {
            await broker.terminate(grace: .seconds(10))
            throw error
        }
        await broker.terminate(grace: .seconds(10))
    }
}
