// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import OpenInference
import Operations
import ServiceLifecycle

/// The listener for inference traffic, apart from the one for operations: the two are exposed to different people.
struct RouterServer: Service {
    /// Since the drain began; the lanes and the last reports need what is left of the process's 10 s.
    static let answersLimit: Duration = .seconds(7)
    /// Whom probes ask, by whatever name.
    static let openPaths: Set = ["/v2/health/live", "/v2/health/ready"]

    let routes: RouterRoutes
    let socket: @Sendable () async throws -> ListeningSocket
    /// When connections are accepted; always unless given.
    var gate: EdgeServer<RouterContext>.Gate?
    var hosts = AllowedHosts()
    var limits = EdgeLimits()
    var metrics = Metrics()
    /// Where it listens, once it does.
    let bound: Watched<RouterAddress?>
    let logger: Logger

    func run() async throws {
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
struct RouterAddress: Sendable, Equatable {
    let host: String
    let port: Int
}

extension RouterAddress {
    /// The base URL: with the host as it was set, or the address of a socket that was handed down.
    func url(_ settings: DeploySettings) -> String {
        let named = port == settings.routerPort || settings.routerPort == 0 ? settings.routerHost : host
        return "http://\(named.contains(":") ? "[\(named)]" : named):\(port)"
    }
}

/// A request to the router, and the connection that it came over.
struct RouterContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let connection: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        connection = source.channel
    }
}

/// Closes each connection with the first answer over it that is given while the router drains: what keeps connections
/// open makes its next one to another router.
struct ClosingAnswers: RouterMiddleware {
    let drain: RouterDrain

    func handle(
        _ request: Request, context: RouterContext, next: (Request, RouterContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        if drain.isUnderWay {
            response.headers[.connection] = "close"
            // As when the server stops: the connection ends with the answer that is under way.
            context.connection.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        return response
    }
}

/// Gives what no route answers, an unknown path for one, the protocol's error body.
struct ProtocolErrors<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            let reason = error.status == .notFound ? "no such path: \(request.uri.path)" : error.status.reasonPhrase
            return .refusal(error.status.code, reason)
        }
    }
}
