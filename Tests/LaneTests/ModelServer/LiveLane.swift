// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationNetworking
import Logging
import ServiceLifecycle

@testable import ModelServer
@testable import XGBoost

/// A lane that listens, and what a client sees of it.
struct LiveLane: Sendable {
    let base: String

    struct Answer {
        let status: Int
        let headers: [AnyHashable: Any]
        let body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    func get(_ path: String) async throws -> Answer {
        try await send(URLRequest(url: URL(string: base + path)!))
    }

    func post(_ path: String, _ body: [UInt8], headers: [String: String] = [:]) async throws -> Answer {
        var request = URLRequest(url: URL(string: base + path)!)
        request.httpMethod = "POST"
        request.httpBody = Data(body)
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        return try await send(request)
    }

    private func send(_ request: URLRequest) async throws -> Answer {
        let (data, response) = try await URLSession.shared.data(for: request)
        let http = response as! HTTPURLResponse
        return Answer(status: http.statusCode, headers: http.allHeaderFields, body: Array(data))
    }

    /// Runs `body` against a lane in this process and shuts it down afterwards.
    static func serve(
        _ file: String = "binary.json", capacity: Int = 64, _ body: @Sendable @escaping (LiveLane) async throws -> Void
    ) async throws {
        let model = try LoadedModel(bytes: Fixture.model(file), name: "cancer", version: "7")
        let description = model.description
        let inference = InferenceThread(booster: model.takeBooster(), capacity: capacity)
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let server = LaneServer(
            routes: LaneRoutes(model: description, inference: inference), host: "127.0.0.1", port: 0,
            logger: Logger(label: "test")
        ) { port in found.yield(port) }
        let group = ServiceGroup(services: [inference, server], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = await iterator.next()!
            do {
                try await body(LiveLane(base: "http://127.0.0.1:\(port)"))
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
