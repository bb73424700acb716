// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Logging
import Operations
import ServiceLifecycle

/// Serves routes on a free port for the time of one body.
func withServer<Value: Sendable>(
    _ routes: @escaping @Sendable (Router<BasicRequestContext>) -> Void,
    _ body: @escaping @Sendable (String) async throws -> Value
) async throws -> Value {
    let file = FileManager.default.temporaryDirectory.appending(path: "captain-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let context = ProcessContext(
        configuration: try .load(service: "captain", arguments: ["test", "--address-file", file], environment: [:]),
        logger: quiet)
    let server = OperationsServer(context: context, drain: .milliseconds(100), routes: routes)
    let group = ServiceGroup(configuration: .init(services: [server], logger: quiet))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        _ = await context.readiness.changes.first { $0 }
        let port = server.address?.port ?? 0
        let value = try await body("http://127.0.0.1:\(port)")
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return value
    }
}
