// SPDX-License-Identifier: Apache-2.0

public import Hummingbird
public import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
public import ServiceLifecycle
import Synchronization

/// The one way in by HTTP: listens, lets in whom the door lets in, and gives requests to a router.
///
/// Long-lived answers should end when `Task.isShuttingDownGracefully`; whoever runs this cancels it when it has enough.
public struct EdgeServer<Context: RequestContext>: Service
where Context: InitializableFromSource<ApplicationRequestContextSource> {
    /// Says when connections are accepted, by calling what it is given, until it is cancelled.
    public typealias Gate = @Sendable (_ accepts: @escaping @Sendable (Bool) -> Void) async -> Void

    private let responder: RouterResponder<Context>
    private let door: EdgeDoor
    private let socket: @Sendable () async throws -> ListeningSocket
    private let gate: Gate?
    private let listening: @Sendable (ListeningSocket) throws -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - router: With all routes; methods that a path lacks are added, as refusals.
    ///   - door: Whom it lets in.
    ///   - socket: What it accepts from.
    ///   - gate: When it accepts; always unless given. Connections wait in the socket meanwhile, for this process or
    ///     for another one that accepts from it.
    ///   - logger: For what nobody else hears of.
    ///   - listening: Called once, before the first connection.
    public init(
        router: Router<Context>, door: EdgeDoor, socket: @escaping @Sendable () async throws -> ListeningSocket,
        gate: Gate? = nil, logger: Logger, listening: @escaping @Sendable (ListeningSocket) throws -> Void
    ) {
        router.refuseOtherMethods(door)
        responder = router.buildResponder()
        self.door = door
        self.socket = socket
        self.gate = gate
        self.logger = logger
        self.listening = listening
    }

    /// Serves until the process shuts down: then nobody new is accepted, and connections end between two requests.
    /// - Throws: When the socket cannot be had or used.
    public func run() async throws {
        let socket = try await socket()
        try listening(socket)
        let (orders, order) = AsyncStream.makeStream(of: Order.self)
        let connections = OpenConnections()
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let gate {
                    group.addTask { await gate { order.yield($0 ? .accept : .pause) } }
                } else {
                    order.yield(.accept)
                }
                group.addTask {
                    try await accept(orders, socket, connections) { channel in
                        await EdgeConnection(responder: responder, door: door, channel: channel, logger: logger).run()
                    }
                }
                // The gate says nothing more once everything has ended, or ends before.
                while let _ = try await group.next() {
                    if connections.isQuiescing { group.cancelAll() }
                }
            }
        } onGracefulShutdown: {
            order.yield(.stop)
        }
    }

    private enum Order {
        case accept, pause, stop
    }

    /// Carries out the orders; ends with the last connection after `stop`, or when it is cancelled.
    private func accept(
        _ orders: AsyncStream<Order>, _ socket: ListeningSocket, _ connections: OpenConnections,
        _ serve: @escaping @Sendable (EdgeConnection<RouterResponder<Context>>.Channel) async -> Void
    ) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var acceptor: Acceptor?
            // Set when the body has ended, by whatever way: nothing is accepted after that.
            defer { acceptor?.stop() }
            for await order in orders {
                switch order {
                case .accept where acceptor == nil:
                    let opened = try Acceptor(taking: socket.duplicate())
                    acceptor = opened
                    opened.start()
                    group.addTask {
                        await withDiscardingTaskGroup { group in
                            for await descriptor in opened.accepted {
                                group.addTask { await self.serve(descriptor, connections, serve) }
                            }
                        }
                    }
                case .accept: break
                case .pause:
                    acceptor?.stop()
                    acceptor = nil
                case .stop:
                    acceptor?.stop()
                    socket.close()
                    connections.quiesce()
                    return
                }
            }
        }
    }

    private func serve(
        _ descriptor: CInt, _ connections: OpenConnections,
        _ serve: @escaping @Sendable (EdgeConnection<RouterResponder<Context>>.Channel) async -> Void
    ) async {
        do {
            let channel = try await connection(descriptor)
            await connections.with(channel.channel, door) { await serve(channel) }
        } catch {
            logger.debug("a connection ended before its first request", metadata: ["reason": "\(inPlainWords(error))"])
        }
    }

    private func connection(_ descriptor: CInt) async throws -> EdgeConnection<RouterResponder<Context>>.Channel {
        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .withConnectedSocket(descriptor) { [limits = door.limits] channel in
                channel.eventLoop.makeCompletedFuture {
                    var heads = NIOHTTPDecoderLimitConfiguration()
                    (heads.maxHeaderFieldSize, heads.maxHeaderListSize) = (EdgeLimits.headBytes, EdgeLimits.headBytes)
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withPipeliningAssistance: false, withErrorHandling: false,
                        withEncoderConfiguration: .init(), withDecoderLimitConfiguration: heads)
                    try channel.pipeline.syncOperations.addHandler(ConnectionClock(limits))
                    return try NIOAsyncChannel(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
    }
}

/// The connections of a server, so that they can be told to end.
private final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isQuiescing = false
    }

    private let state = Mutex(State())

    var isQuiescing: Bool { state.withLock { $0.isQuiescing } }

    func with(_ channel: any Channel, _ door: EdgeDoor, _ body: () async -> Void) async {
        let isLate = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = channel
            return state.isQuiescing
        }
        door.opened()
        if isLate { Self.quiesce(channel) }
        await body()
        door.closed()
        state.withLock { _ = $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    func quiesce() {
        let channels = state.withLock { state in
            state.isQuiescing = true
            return Array(state.channels.values)
        }
        channels.forEach(Self.quiesce)
    }

    private static func quiesce(_ channel: any Channel) {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
}
