// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
import NIOHTTP1
import OpenInference
package import Operations
import ServiceLifecycle
package import Serving

/// The listener for inference traffic, apart from the one for operations: the two are exposed to different people.
package struct RouterServer: Service {
    /// Since the drain began; the lanes and the last reports need what is left of the process's 10 s.
    static let answersLimit: Duration = .seconds(7)
    /// Paths that are answered whatever host the request names: probes ask by address.
    static let openPaths: Set = ["/v2/health/live", "/v2/health/ready"]

    /// Says when connections are accepted, until it is cancelled.
    package typealias Gate = EdgeServer<RouterContext>.Gate

    let routes: RouterRoutes
    let socket: @Sendable () async throws -> ListeningSocket
    let gate: Gate?
    let hosts: AllowedHosts
    let limits: EdgeLimits
    let metrics: Metrics
    let bound: Watched<RouterAddress?>
    let logger: Logger

    /// - Parameters:
    ///   - socket: what to listen on.
    ///   - gate: when connections are accepted; always unless given.
    ///   - bound: is told where it listens, once it does.
    package init(
        routes: RouterRoutes, socket: @escaping @Sendable () async throws -> ListeningSocket,
        gate: Gate? = nil, hosts: AllowedHosts = AllowedHosts(),
        limits: EdgeLimits = EdgeLimits(), metrics: Metrics = Metrics(), bound: Watched<RouterAddress?>, logger: Logger
    ) {
        (self.routes, self.socket, self.gate, self.bound) = (routes, socket, gate, bound)
        (self.hosts, self.limits, self.metrics, self.logger) = (hosts, limits, metrics, logger)
    }

    /// Answers until the process shuts down and the drain is over.
    package func run() async throws {
        let router = Router(context: RouterContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: ClosingAnswers(drain: routes.drain))
        router.add(middleware: ProtocolErrors())
        routes.add(to: router)
        var quiet = logger
        quiet.logLevel = max(.notice, logger.logLevel)
        let policy = EdgePolicy(
            hosts: hosts, writes: .anyTypeUnlessFromBrowser, openPaths: Self.openPaths,
            bodyLimitBytes: RouterRoutes.maximumBodyBytes)
        let server = EdgeServer(
            router: router,
            door: EdgeDoor(
                policy: policy, limits: limits, metrics: metrics,
                refused: { [routes] head, refusal in routes.refused(head.uri, refusal) },
                words: { refusal in ErrorBody(error: refusal.message).json() }),
            socket: socket, gate: gate, logger: quiet
        ) { socket in
            bound.update { $0 = RouterAddress(host: socket.host, port: socket.port) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { [drain = routes.drain] in
                try await gracefulShutdown()
                try await Task.sleep(for: drain.remaining(of: Self.answersLimit, atLeast: .seconds(1)))
            }
            try await group.next()
            group.cancelAll()
            do { while try await group.next() != nil {} } catch is CancellationError {}
        }
    }
}

/// Where a router listens.
package struct RouterAddress: Sendable, Equatable {
    /// The host, as the socket has it.
    package let host: String
    /// The port, as the socket has it.
    package let port: Int
}
