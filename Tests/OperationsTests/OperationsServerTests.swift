// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Operations

@Suite("Operations server", .timeLimit(.minutes(1)))
struct OperationsServerTests {
    /// Runs a server for one body and shuts it down gracefully.
    private func withServer(
        routes: @escaping @Sendable (Router<BasicRequestContext>) -> Void = { _ in },
        _ body: @escaping @Sendable (String, ProcessContext) async throws -> Void
    ) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "relay-address-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let context = ProcessContext(
            configuration: try .load(
                service: "test", arguments: ["test", "--address-file", file], environment: [:]),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let server = OperationsServer(context: context, drain: .milliseconds(200), routes: routes)
        let group = ServiceGroup(configuration: .init(services: [server], logger: context.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let address = try await written(file)
            try await body("http://\(address.host):\(address.port)", context)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func written(_ file: String) async throws -> BoundAddress {
        try await eventually(within: .seconds(30), "the server's address") { try BoundAddress.read(file) }
    }

    @Test("It is alive, and ready when every part is, and says why not")
    func health() async throws {
        try await withServer { url, context in
            let client = HTTPClient()
            #expect(try await client.get(url + "/health/live").status == 200)
            context.readiness.set(false, for: "kafka", reason: "no broker at \"nowhere\"")
            let unready = try await client.get(url + "/health/ready")
            #expect(unready.status == 503)
            let report = try JSONDecoder().decode(HealthReport.self, from: Data(unready.body))
            #expect(report.parts.first { $0.part == "kafka" }?.reason == "no broker at \"nowhere\"")
            context.readiness.set(true, for: "kafka", reason: "joined")
            #expect(try await client.get(url + "/health/ready").status == 200)
        }
    }

    @Test("It serves the metrics as Prometheus text")
    func metrics() async throws {
        try await withServer { url, context in
            context.metrics.counter("laps_total", help: "laps").add(4)
            let answer = try await HTTPClient().get(url + "/metrics")
            #expect(answer.headers["content-type"]?.hasPrefix("text/plain") == true)
            #expect(answer.text.contains("laps_total 4"))
        }
    }

    @Test("It serves the service's own routes")
    func ownRoutes() async throws {
        try await withServer(routes: { router in
            router.post("/echo") { request, _ in
                Response(status: .created, body: .init(byteBuffer: try await request.body.collect(upTo: 1024)))
            }
        }) { url, _ in
            let answer = try await HTTPClient().post(url + "/echo", body: Array("baton".utf8))
            #expect(answer.status == 201)
            #expect(answer.text == "baton")
        }
    }

    @Test("A port that is taken ends the server with an error")
    func portTaken() async throws {
        try await withServer { _, context in
            let port = try #require(context.configuration.addressFile.flatMap { try BoundAddress.read($0) }?.port)
            let second = ProcessContext(
                configuration: try .load(
                    service: "test", arguments: ["test", "--http-port", String(port)], environment: [:]),
                logger: context.logger)
            let server = OperationsServer(context: second)
            await #expect(throws: (any Error).self) { try await server.run() }
            #expect(!second.readiness.isReady)
        }
    }

    @Test("Lines of an endless answer are read one by one, and the shutdown cuts the answer off")
    func lines() async throws {
        let seen = Received()
        try await withServer(routes: endlessRoute) { url, _ in
            try await HTTPClient().lines(url + "/stream") { seen.add($0) < 3 }
            // A second reader never stops by itself; it must not keep the process from ending.
            let (first, signal) = AsyncStream.makeStream(of: Void.self)
            let reader = Task {
                try await HTTPClient().lines(url + "/stream") { _ in
                    signal.finish()
                    return true
                }
            }
            for await _ in first {}
            seen.reader.withLock { $0 = reader }
        }
        #expect(seen.lines.withLock { $0 } == ["data: 1", "", "data: 2"])
        let reader = try #require(seen.reader.withLock { $0 })
        await #expect(throws: (any Error).self) { try await reader.value }
    }

    private let endlessRoute: @Sendable (Router<BasicRequestContext>) -> Void = { router in
        router.get("/stream") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/event-stream"],
                body: .init { writer in
                    for index in 1... {
                        try await writer.write(ByteBuffer(string: "data: \(index)\n\n"))
                        if index > 3 { try await Task.sleep(for: .milliseconds(10)) }
                    }
                    try await writer.finish(nil)
                })
        }
    }
}

private final class Received: Sendable {
    let lines = Mutex<[String]>([])
    let reader = Mutex<Task<Void, any Error>?>(nil)

    func add(_ line: String) -> Int {
        lines.withLock {
            $0.append(line)
            return $0.count
        }
    }
}
