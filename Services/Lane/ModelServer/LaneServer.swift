// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Listens, and tells where once it does.
struct LaneServer: Service {
    let routes: LaneRoutes
    let host: String
    let port: Int
    let logger: Logger
    /// Called once, with the port that the system gave.
    let announce: @Sendable (_ port: Int) throws -> Void

    func run() async throws {
        let (ports, found) = AsyncThrowingStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        let application = Application(
            router: routes.router(), configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { found.yield(port) }
                found.finish()
            }, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            group.addTask {
                for try await port in ports { try announce(port) }
            }
            try await group.waitForAll()
        }
    }
}

/// Where a lane can be reached, as written for the process that started it.
struct LaneAddress: Codable, Equatable {
    let host: String
    let port: Int

    /// Writes through a temporary file, so that nobody reads half of it.
    func write(to path: String) throws(StartFailure) {
        do {
            try JSONEncoder().encode(self).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw StartFailure.file("write", path, error)
        }
    }
}
