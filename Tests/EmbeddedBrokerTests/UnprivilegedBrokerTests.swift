// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import EmbeddedBroker

@Suite("A broker that root does not run", .timeLimit(.minutes(1)))
struct UnprivilegedBrokerTests {
    /// The account of nobody in particular, on Debian and in most containers.
    private let nobody = "65534"

    @Test("serves its clients like any other")
    func serves() async throws {
        let directory = try TemporaryDirectory()
        // Somebody else can neither look into our checkout nor write into our directories.
        let executable = directory.path + "/relay"
        try FileManager.default.copyItem(atPath: BrokerProcess.executable, toPath: executable)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory.path)
        let broker = ["broker", "--data-directory", directory.path + "/data", "--listen", "127.0.0.1:0"]
        let process =
            geteuid() == 0
            ? try await BrokerProcess.start(
                executable: "/usr/bin/setpriv",
                arguments: ["--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups", executable] + broker)
            : try await BrokerProcess.start(executable: executable, arguments: broker)
        do {
            let client = try await TestClient(process.address)
            #expect(try await client.send(ListGroupsRequest()).error == .none)
        } catch {
            await process.kill()
            throw error
        }
        await process.kill()
        withExtendedLifetime(directory) {}
    }
}
