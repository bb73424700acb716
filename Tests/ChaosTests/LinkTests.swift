// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Chaos

@Suite("A link", .timeLimit(.minutes(1)))
struct LinkTests {
    @Test("passes bytes both ways; held ones arrive when it is healed, in order")
    func holds() async throws {
        try await withLink { link, client in
            try await client.write("a")
            #expect(try await client.read(1) == "a")
            var conditions = Conditions()
            conditions.held = [.toBroker]
            try await link.set(conditions)
            try await client.write("b")
            try await client.write("c")
            try await link.set(.healthy)
            #expect(try await client.read(2) == "bc")
        }
    }

    @Test("that is cut ends its connections, and takes new ones again when it is healed")
    func cuts() async throws {
        try await withLink { link, client in
            try await client.write("a")
            #expect(try await client.read(1) == "a")
            var conditions = Conditions()
            conditions.isCut = true
            try await link.set(conditions)
            #expect(try await client.read(1) == "")
            try await link.set(.healthy)
            try await Self.withClient(link.port) { again in
                try await again.write("b")
                #expect(try await again.read(1) == "b")
            }
        }
    }

    @Test("keeps the order of what it delays and throttles, and never passes it early")
    func paces() {
        var conditions = Conditions()
        conditions.delay = .milliseconds(100)
        conditions.bytesPerSecond = 1000
        var generator = SeededGenerator(seed: 1)
        var pace = Pace()
        var (now, last, sent): (Int64, Int64, Int64) = (0, 0, 0)
        for _ in 0..<1000 {
            now += Int64.random(in: 0...50_000_000, using: &generator)
            let bytes = Int.random(in: 1...100, using: &generator)
            let due = pace.due(bytes: bytes, now: now, conditions)
            sent += Int64(bytes)
            #expect(due >= now + 100_000_000)
            #expect(due >= last)
            #expect(due >= sent * 1_000_000)
            last = due
        }
    }

    // MARK: Fixture

    private struct Client {
        var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

        func write(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

        /// Up to so many bytes; fewer when the connection ends.
        mutating func read(_ count: Int) async throws -> String {
            var text = ""
            while text.utf8.count < count, let bytes = try await inbound.next() { text += String(buffer: bytes) }
            return text
        }
    }

    private static func withClient(_ port: Int, _ body: (inout Client) async throws -> Void) async throws {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { inbound, outbound in
            var client = Client(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            try await body(&client)
        }
    }

    /// A link to a server that sends back what it is told, with one client.
    private func withLink(_ body: (Link, inout Client) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port
        let link = try await Link.open(on: group.next()) { port }
        do {
            try await Self.withClient(link.port) { try await body(link, &$0) }
        } catch {
            try await link.close()
            try await server.close()
            throw error
        }
        try await link.close()
        try await server.close()
    }
}

private final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(wrapOutboundOut(unwrapInboundIn(data)), promise: nil)
    }
}
