// SPDX-License-Identifier: Apache-2.0

package import NIOCore
import NIOHTTP1
import NIOPosix
import Operations
import Synchronization

/// HTTP to one lane over connections that are kept open. Nothing queues here: a request beyond the limit is refused
/// at once, so that the router can take another lane.
package final class LaneClient: Sendable {
    private struct Pool {
        var idle: [any Channel] = []
        /// Connections in use or being made.
        var busy = 0
        var isClosed = false
    }

    static let connectTimeout: TimeAmount = .seconds(2)

    let host: String
    let port: Int
    private let maximumConnections: Int
    private let group: any EventLoopGroup
    private let pool = Mutex(Pool())

    /// A client of the lane that listens there; nothing is connected yet.
    package init(
        host: String, port: Int, maximumConnections: Int = 64,
        group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
    ) {
        self.host = host
        self.port = port
        self.maximumConnections = maximumConnections
        self.group = group
    }

    /// Sends a request and waits for the whole answer.
    /// - Throws: ``LaneTransportError``.
    package func send(_ request: LaneRequest, timeout: Duration) async throws -> LaneResponse {
        let channel = try await takeChannel()
        let answer = channel.eventLoop.makePromise(of: LaneResponse.self)
        channel.writeAndFlush(LaneExchange(request: request, timeout: timeout, answer: answer))
            .whenFailure { answer.fail(LaneTransportError.connectionLost("\($0)")) }
        do {
            let response = try await answer.futureResult.get()
            giveBack(channel)
            return response
        } catch {
            release(channel)
            throw error
        }
    }

    /// Closes what is idle; what is busy closes after its answer.
    package func close() {
        let idle = pool.withLock { pool in
            pool.isClosed = true
            defer { pool.idle = [] }
            return pool.idle
        }
        for channel in idle { channel.close(promise: nil) }
    }

    private func takeChannel() async throws -> any Channel {
        while true {
            let (idle, admitted) = pool.withLock { pool -> ((any Channel)?, Bool) in
                guard pool.busy < maximumConnections else { return (nil, false) }
                pool.busy += 1
                return (pool.idle.popLast(), true)
            }
            guard admitted else { throw LaneTransportError.poolExhausted(maximumConnections) }
            guard let idle else { return try await connect() }
            if idle.isActive { return idle }
            release(idle)
        }
    }

    private func connect() async throws -> any Channel {
        do {
            let channel = try await ClientBootstrap(group: group)
                .connectTimeout(Self.connectTimeout)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { [host, port] channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(LaneExchangeHandler(host: "\(host):\(port)"))
                    }
                }
                .connect(host: host, port: port).get()
            return channel
        } catch {
            pool.withLock { $0.busy -= 1 }
            throw LaneTransportError.cannotConnect(inPlainWords(error))
        }
    }

    private func giveBack(_ channel: any Channel) {
        let keep = pool.withLock { pool in
            pool.busy -= 1
            guard channel.isActive, !pool.isClosed else { return false }
            pool.idle.append(channel)
            return true
        }
        if !keep { channel.close(promise: nil) }
    }

    private func release(_ channel: any Channel) {
        pool.withLock { $0.busy -= 1 }
        channel.close(promise: nil)
    }
}
