// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The listener for inference traffic, apart from the one for operations: the two are exposed to different people.
struct RouterServer: Service {
    let routes: RouterRoutes
    let host: String
    let port: Int
    /// Where it listens, once it does.
    let bound: Watched<Int?>
    let logger: Logger

    func run() async throws {
        let router = Router()
        router.add(middleware: ProtocolErrors())
        routes.add(to: router)
        var quiet = logger
        quiet.logLevel = max(.notice, logger.logLevel)
        let application = Application(
            router: router, configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in bound.update { $0 = channel.localAddress?.port } }, logger: quiet)
        try await application.run()
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
