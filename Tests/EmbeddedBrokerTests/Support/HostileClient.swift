// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

@testable import EmbeddedBroker

/// A connection that says what it likes and looks at nothing that comes back.
struct HostileClient: Sendable {
    let channel: any Channel

    init(_ address: BoundAddress, reads: Bool = true) async throws {
        channel = try await ClientBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .channelOption(.autoRead, value: reads)
            .channelOption(.writeBufferWaterMark, value: .init(low: 1 << 30, high: 1 << 30))
            .connect(host: address.host, port: address.port).get()
    }

    func send(_ bytes: [UInt8]) async throws { try await send(ByteBuffer(bytes: bytes)) }

    func send(_ bytes: ByteBuffer) async throws {
        channel.writeAndFlush(bytes, promise: nil)
    }

    func send(_ request: some RequestMessage) async throws {
        try await send(TestClient.frame(request, version: type(of: request).api.versions.lowerBound))
    }

    /// Returns when the connection has ended.
    func closed() async throws { try await channel.closeFuture.get() }

    /// The same for a client that does not read: it learns of the end only when it writes.
    func closedUnread() async throws {
        let channel = channel
        let writing = channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(50)) { _ in
            channel.writeAndFlush(ByteBuffer(bytes: [0]), promise: nil)
        }
        try await channel.closeFuture.get()
        writing.cancel()
    }
}
