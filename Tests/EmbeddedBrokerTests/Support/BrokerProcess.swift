// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation

@testable import EmbeddedBroker

/// `relay broker` as a process of its own, to be killed.
struct BrokerProcess {
    struct NotStarted: Error {
        var output: [String]
    }

    let child: ChildProcess
    let address: BoundAddress

    /// The products lie beside the test's own executable.
    static var executable: String {
        get throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(filePath: own).deletingLastPathComponent().appending(path: "relay").path
        }
    }

    /// Starts a broker and waits for it to say where it listens.
    static func start(directory: String, fsync: String = "group-commit") async throws -> BrokerProcess {
        try await start(
            executable: try executable,
            arguments: ["broker", "--data-directory", directory, "--listen", "127.0.0.1:0", "--fsync", fsync])
    }

    /// Starts a command that becomes a broker.
    static func start(executable: String, arguments: [String]) async throws -> BrokerProcess {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        let child = try await ChildProcess.spawn(
            Command(
                executable: executable, arguments: arguments,
                output: .lines { _, line in continuation.yield(line) }))
        var output: [String] = []
        // The suite's time limit ends the wait for a broker that does not come up.
        for await line in lines {
            output.append(line)
            guard line.hasPrefix("Broker listens"), let port = line.split(separator: ":").last.flatMap({ Int($0) })
            else { continue }
            return BrokerProcess(child: child, address: BoundAddress(host: "127.0.0.1", port: port))
        }
        throw NotStarted(output: output)
    }

    func kill() async {
        child.signal(.kill)
        _ = await child.exit()
    }
}
