// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

@testable import Operations

/// A server with three routes, and a client that sends it bytes.
final class EdgeBench: Sendable {
    let door: EdgeDoor
    let port: Int
    private let metrics: Metrics
    private let counts: Counts
    private let gone: AsyncStream<Void>.Continuation
    private let going: AsyncStream<Void>

    private final class Counts: Sendable {
        let received = Atomic(0)
        let streamsEnded = Atomic(0)
    }

    /// Bodies that a route had whole.
    var received: Int { counts.received.load(ordering: .relaxed) }
    var streamsEnded: Int { counts.streamsEnded.load(ordering: .relaxed) }

    func refused(_ reason: String) -> Double {
        metrics.counter("relay_http_refused_total", help: "", labels: ["reason": reason]).value
    }

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func with(
        _ limits: EdgeLimits = EdgeLimits(), bodyLimit: Int = 1 << 20,
        _ body: @escaping @Sendable (EdgeBench) async throws -> Void
    ) async throws {
        let metrics = Metrics()
        let counts = Counts()
        let policy = EdgePolicy(
            hosts: AllowedHosts(), writes: .anyTypeUnlessFromBrowser, openPaths: ["/health"], bodyLimitBytes: bodyLimit)
        let door = EdgeDoor(policy: policy, limits: limits, metrics: metrics, words: \.problem)
        let socket = try await ListeningSocket.bound(host: "127.0.0.1", port: 0, setting: "")
        let server = EdgeServer(router: routes(counts), door: door, socket: { socket }, logger: quiet) { _ in }
        let group = ServiceGroup(configuration: .init(services: [server], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body(EdgeBench(door, socket.port, metrics, counts))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private static func routes(_ counts: Counts) -> Router<BasicRequestContext> {
        let router = Router(options: [.autoGenerateHeadEndpoints])
        router.get("/health") { _, _ in "healthy" }
        router.post("/echo") { request, _ in
            let body = try await request.body.collect(upTo: .max)
            counts.received.add(1, ordering: .relaxed)
            return Response(status: .ok, body: .init(byteBuffer: body))
        }
        router.get("/endless") { _, _ in
            Response(
                status: .ok,
                body: .init { writer in
                    defer { counts.streamsEnded.add(1, ordering: .relaxed) }
                    let piece = ByteBuffer(repeating: 0x2E, count: 1 << 16)
                    while true { try await writer.write(piece) }
                })
        }
        return router
    }

    private init(_ door: EdgeDoor, _ port: Int, _ metrics: Metrics, _ counts: Counts) {
        (self.door, self.port, self.metrics, self.counts) = (door, port, metrics, counts)
        (going, gone) = AsyncStream.makeStream()
    }

    func post(length: Int, closing: Bool = false) -> String {
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(length)\r\n"
            + (closing ? "Connection: close\r\n\r\n" : "\r\n")
    }

    /// Ends the connections that are held open.
    func letGo() { gone.finish() }

    /// Sends one piece, and gives the status of the first answer; 0 when there is none.
    func status(_ pieces: [String]) async throws -> Int {
        let answer = try await talk(pieces)
        return answer.hasPrefix("HTTP/1.1 ") ? Int(answer.dropFirst(9).prefix(3)) ?? 0 : 0
    }

    /// Sends pieces, and gives all that comes until the server closes.
    /// - Parameters:
    ///   - afterAnswer: what must have come before the second piece is sent.
    ///   - closing: whether the server is expected to close; otherwise it ends with `letGo`.
    ///   - reading: whether what comes is read at all.
    func talk(
        _ pieces: [String], afterAnswer: String = "", closing: Bool = true, reading: Bool = true
    ) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.autoRead, value: reading)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            if let first = pieces.first { try await outbound.write(ByteBuffer(string: first)) }
            if !closing || !reading {
                for await _ in going {}
                return ""
            }
            var text = ""
            var left = pieces.dropFirst()
            do {
                for try await bytes in inbound {
                    text += String(buffer: bytes)
                    guard text.contains(afterAnswer), let next = left.popFirst() else { continue }
                    try await outbound.write(ByteBuffer(string: next))
                }
            } catch is IOError {
                // The server closed while something was on its way to it.
                return text
            }
            return text
        }
    }
}
