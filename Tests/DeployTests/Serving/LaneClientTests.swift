// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Testing

@testable import Serving

@Suite("Requests to a lane", .timeLimit(.minutes(1)))
struct LaneClientTests {
    /// Answers each connection's requests with the given bytes, or never.
    private final class Canned: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        let answer: String?

        init(_ answer: String?) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard let answer else { return }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }
    }

    private func withLane(
        answering answer: String?, connections: Int = 4, _ body: (LaneClient) async throws -> Void
    ) async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in channel.pipeline.addHandler(Canned(answer)) }
            .bind(host: "127.0.0.1", port: 0).get()
        let client = LaneClient(
            host: "127.0.0.1", port: try #require(server.localAddress?.port), maximumConnections: connections)
        do {
            try await body(client)
        } catch {
            client.close()
            try await server.close()
            throw error
        }
        client.close()
        try await server.close()
    }

    @Test("answers come one after the other over a kept connection")
    func keptConnection() async throws {
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
        try await withLane(answering: answer, connections: 1) { client in
            for _ in 0..<3 {
                let response = try await client.send(.post("/x", ByteBuffer(string: "body")), timeout: .seconds(5))
                #expect(response.status == 200 && String(buffer: response.body) == "ok")
            }
        }
    }

    @Test("an answer that ends its connection is an answer, and the next request has another connection")
    func closingAnswer() async throws {
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"
        try await withLane(answering: answer, connections: 1) { client in
            for _ in 0..<3 {
                let response = try await client.send(.get("/x"), timeout: .seconds(5))
                #expect(response.status == 200 && String(buffer: response.body) == "ok")
            }
        }
    }

    @Test("a silent lane costs the timeout, and its connection is not used again")
    func timeout() async throws {
        try await withLane(answering: nil, connections: 1) { client in
            for _ in 0..<2 {
                await #expect(throws: LaneTransportError.timedOut(.milliseconds(30))) {
                    _ = try await client.send(.get("/x"), timeout: .milliseconds(30))
                }
            }
        }
    }

    @Test("a request beyond the pool's limit is refused at once")
    func poolLimit() async throws {
        try await withLane(answering: nil, connections: 0) { client in
            await #expect(throws: LaneTransportError.poolExhausted(0)) {
                _ = try await client.send(.get("/x"), timeout: .seconds(5))
            }
        }
    }

    @Test("an answer that is not HTTP is a lost connection")
    func notHTTP() async throws {
        try await withLane(answering: "garbage\r\n\r\n") { client in
            let error = await #expect(throws: LaneTransportError.self) {
                _ = try await client.send(.get("/x"), timeout: .seconds(5))
            }
            guard case .connectionLost = error else {
                Issue.record("\(error.debugDescription) is not a lost connection")
                return
            }
        }
    }

    @Test("nobody listening is said to be so")
    func cannotConnect() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        try await server.close()
        let error = await #expect(throws: LaneTransportError.self) {
            _ = try await LaneClient(host: "127.0.0.1", port: port).send(.get("/x"), timeout: .seconds(5))
        }
        guard case .cannotConnect = error else {
            Issue.record("\(error.debugDescription) is not a failed connection")
            return
        }
    }
}
