// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The listener for inference traffic, apart from the one for operations: the two are exposed to different people.
struct RouterServer: Service {
    /// Since the drain began; the lanes and the last reports need what is left of the process's 10 s.
    static let answersLimit: Duration = .seconds(7)

    let routes: RouterRoutes
    let host: String
    let port: Int
    /// Where it listens, once it does.
    let bound: Watched<Int?>
    let logger: Logger

    func run() async throws {
        let router = Router(context: RouterContext.self)
        router.add(middleware: ClosingAnswers(drain: routes.drain))
        router.add(middleware: ProtocolErrors())
        routes.add(to: router)
        var quiet = logger
        quiet.logLevel = max(.notice, logger.logLevel)
        let application = Application(
            router: router, configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in bound.update { $0 = channel.localAddress?.port } }, logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
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
