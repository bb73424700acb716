// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A one-machine broker that speaks the Kafka protocol and keeps a durable log.
///
/// One thread owns all state and its files; one or more event loops serve connections; syncs run on threads of their
/// own. Stop it with `shutdown()`, or run it as a service.
public final class EmbeddedBroker: Service {
    private struct Running: Sendable {
        var group: MultiThreadedEventLoopGroup
        var stateGroup: MultiThreadedEventLoopGroup
        var pool: NIOThreadPool
        var listeners: [any Channel]
        var broker: BrokerHandle
        var connections: NIOLoopBound<ConnectionRegistry>
    }

    /// Syncs at the same time. A transaction is decided when all files that it wrote to are durable, so they had better
    /// not wait for each other.
    private static let syncThreads = 4

    /// What the broker was made with.
    public let configuration: BrokerConfiguration
    private let logger: Logger
    private let running = Mutex<Running?>(nil)
    private let onStart: @Sendable ([BoundAddress]) throws -> Void
    private let failures: AsyncStream<any Error>
    private let failed: AsyncStream<any Error>.Continuation

    /// A broker that has not started. As a service it calls `onStart` once it listens, with the addresses in the order
    /// of the configuration's listeners.
    public init(
        _ configuration: BrokerConfiguration, logger: Logger = Logger(label: "relay.broker"),
        onStart: @escaping @Sendable ([BoundAddress]) throws -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.logger = logger
        self.onStart = onStart
        (failures, failed) = AsyncStream.makeStream(of: (any Error).self, bufferingPolicy: .bufferingOldest(1))
    }

    /// Recovers the log, binds, and serves until `shutdown()`. Returns the first listener's address.
    ///
    /// Throws `StorageError` when the data directory cannot be used or another broker uses it, and `ListenError` when
    /// the address cannot be bound.
    public func start() async throws -> BoundAddress {
        try await startListening()[0]
    }

    private func startListening() async throws -> [BoundAddress] {
        precondition(!configuration.listeners.isEmpty, "a broker listens somewhere")
        let stateGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let pool = NIOThreadPool(numberOfThreads: Self.syncThreads)
        pool.start()
        do {
            let loop = stateGroup.next()
            let (configuration, logger, failed) = (configuration, logger, failed)
            let broker = try await loop.submit {
                BrokerHandle(
                    loop: loop,
                    broker: NIOLoopBound(
                        try Broker(
                            configuration: configuration, loop: loop, pool: pool, logger: logger,
                            onFailure: { failed.yield($0) }),
                        eventLoop: loop))
            }.get()
            let openFiles = OpenFiles.raiseLimit()
            let maxConnections = configuration.limits.maxConnections ?? OpenFiles.connections(ofLimit: openFiles)
            let answers = try await loop.submit { broker.broker.value.queuedAnswers }.get()
            let clientLoop = group.next()
            let connections = try await clientLoop.submit {
                NIOLoopBound(
                    ConnectionRegistry(
                        limits: configuration.limits, maxConnections: maxConnections, answers: answers,
                        loop: clientLoop, logger: logger),
                    eventLoop: clientLoop)
            }.get()
            var listeners: [any Channel] = []
            for listener in configuration.listeners {
                listeners.append(try await bind(listener, group: group, broker: broker, connections: connections))
            }
            let bound = zip(configuration.listeners, listeners).map { configured, channel in
                BoundAddress(host: configured.host, port: channel.localAddress?.port ?? configured.port)
            }
            try await loop.submit { broker.broker.value.open() }.get()
            let state = Running(
                group: group, stateGroup: stateGroup, pool: pool, listeners: listeners, broker: broker,
                connections: connections)
            running.withLock { $0 = state }
            logger.info(
                "Broker is listening", metadata: ["address": "\(bound.map(\.description).joined(separator: ", "))"])
            return bound
        } catch {
            try await group.shutdownGracefully()
            try await stateGroup.shutdownGracefully()
            try await pool.shutdownGracefully()
            throw error
        }
    }

    private func bind(
        _ listener: BrokerConfiguration.Listener, group: MultiThreadedEventLoopGroup, broker: BrokerHandle,
        connections: NIOLoopBound<ConnectionRegistry>
    ) async throws -> any Channel {
        let logger = logger
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptLog(connections: connections.value))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectionHandler(
                            broker: broker, listener: listener, connections: connections.value, logger: logger))
                }
            }
        do {
            return try await bootstrap.bind(host: listener.host, port: listener.port).get()
        } catch let error as IOError {
            throw ListenError(address: BoundAddress(host: listener.host, port: listener.port), code: error.errnoCode)
        }
    }

    /// Stops listening, closes all connections, syncs and closes the log. Does nothing when not started.
    public func shutdown() async {
        guard
            let state = running.withLock({ running -> Running? in
                defer { running = nil }
                return running
            })
        else { return }
        do {
            for listener in state.listeners { try await listener.close().get() }
            try await state.group.next().flatSubmit { state.connections.value.closeAll() }.get()
            try await state.broker.loop.flatSubmit { state.broker.broker.value.close() }.get()
            try await state.group.shutdownGracefully()
            try await state.stateGroup.shutdownGracefully()
            try await state.pool.shutdownGracefully()
            logger.info("Broker has stopped")
        } catch {
            logger.error("Broker did not stop cleanly", metadata: ["error": "\(error)"])
        }
    }

    /// Lets the cleaner pass over everything once and returns when it is done. Does nothing when not started.
    func clean() async throws {
        guard let broker = running.withLock({ $0?.broker }) else { return }
        try await broker.loop.flatSubmit { broker.broker.value.cleaner.pass() }.get()
    }

    /// Serves until the service group asks it to stop, the task is cancelled, or the storage fails; throws then.
    public func run() async throws {
        let bound = try await startListening()
        var failure: (any Error)?
        do {
            try onStart(bound)
            failure = await cancelWhenGracefulShutdown { [failures] in
                await failures.first { _ in true }
            }
        } catch {
            failure = error
        }
        await shutdown()
        if let failure { throw failure }
    }
}

/// The broker's state, to be used on its own event loop only.
struct BrokerHandle: Sendable {
    let loop: any EventLoop
    let broker: NIOLoopBound<Broker>
}

/// Says that connections cannot be accepted. NIO waits a second before it tries again, so this never spins.
private final class AcceptLog: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let connections: ConnectionRegistry

    init(connections: ConnectionRegistry) { self.connections = connections }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connections.log(.acceptFailed, ["error": "\(error)", "open": "\(connections.count)"])
        context.fireErrorCaught(error)
    }
}
