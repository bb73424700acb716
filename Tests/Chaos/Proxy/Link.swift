// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization

/// A TCP proxy between one service and the broker, whose conditions can be made bad.
final class Link: Sendable {
    /// Where clients connect.
    let port: Int
    private let listener: any Channel
    private let state: NIOLoopBound<State>

    /// What belongs to the link's event loop.
    final class State {
        var conditions = Conditions.healthy
        /// Until each has told its partner of its end: a partition hides that too.
        var conveyors: [ObjectIdentifier: Conveyor] = [:]
        var channels: [ObjectIdentifier: any Channel] = [:]

        /// Closes all connections.
        func reset() { channels.values.forEach { $0.close(promise: nil) } }
    }

    private init(port: Int, listener: any Channel, state: NIOLoopBound<State>) {
        self.port = port
        self.listener = listener
        self.state = state
    }

    /// Opens a link on a free port.
    /// - Parameter upstream: the broker's port for this link at the moment; nil while it is down.
    static func open(on loop: any EventLoop, upstream: @escaping @Sendable () -> Int?) async throws -> Link {
        let state = try await loop.submit { NIOLoopBound(State(), eventLoop: loop) }.get()
        let listener = try await ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in accept(channel, on: loop, state, upstream) }
            .bind(host: "127.0.0.1", port: 0).get()
        return Link(port: listener.localAddress?.port ?? 0, listener: listener, state: state)
    }

    private static func accept(
        _ client: any Channel, on loop: any EventLoop, _ state: NIOLoopBound<State>,
        _ upstream: @escaping @Sendable () -> Int?
    ) -> EventLoopFuture<Void> {
        guard !state.value.conditions.isCut, let port = upstream() else { return client.close() }
        return loop.makeCompletedFuture {
            let link = state.value
            let outward = Conveyor(link: link, direction: .toBroker)
            try client.pipeline.syncOperations.addHandler(outward)
            adopt(client, outward, link)
            let bound = NIOLoopBound(outward, eventLoop: loop)
            ClientBootstrap(group: loop)
                .channelOption(.autoRead, value: false)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connectTimeout(.seconds(5))
                .connect(host: "127.0.0.1", port: port)
                .assumeIsolated()
                .whenComplete { connected in
                    do {
                        try join(client, bound.value, try connected.get(), link)
                    } catch {
                        // The broker is down: the client sees its connection end.
                        link.conveyors[ObjectIdentifier(bound.value)] = nil
                        client.close(promise: nil)
                    }
                }
        }
    }

    private static func join(_ client: any Channel, _ outward: Conveyor, _ broker: any Channel, _ link: State) throws {
        let inward = Conveyor(link: link, direction: .fromBroker)
        try broker.pipeline.syncOperations.addHandler(inward)
        adopt(broker, inward, link)
        outward.partner = broker
        inward.partner = client
        outward.feeder = inward
        inward.feeder = outward
        guard client.isActive, !link.conditions.isCut else {
            link.conveyors[ObjectIdentifier(outward)] = nil
            link.conveyors[ObjectIdentifier(inward)] = nil
            client.close(promise: nil)
            return broker.close(promise: nil)
        }
        outward.move()
        inward.move()
    }

    private static func adopt(_ channel: any Channel, _ conveyor: Conveyor, _ link: State) {
        link.channels[ObjectIdentifier(channel)] = channel
        link.conveyors[ObjectIdentifier(conveyor)] = conveyor
        channel.closeFuture.assumeIsolated().whenComplete { _ in link.channels[ObjectIdentifier(channel)] = nil }
    }

    /// Changes what the link does to its connections, present and future; in force when this returns.
    /// - Parameter resets: whether the present ones end.
    func set(_ conditions: Conditions, resets: Bool = false) async throws {
        let state = state
        try await listener.eventLoop.submit {
            state.value.conditions = conditions
            if conditions.isCut || resets { state.value.reset() }
            // A copy: moving bytes may end connections.
            for conveyor in Array(state.value.conveyors.values) { conveyor.conditionsChanged() }
        }.get()
    }

    func close() async throws {
        let state = state
        try await listener.eventLoop.submit { state.value.reset() }.get()
        try await listener.close().get()
    }
}
