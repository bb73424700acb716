// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore

/// Closes each connection with the first answer over it that is given while the router drains: what keeps connections
/// open makes its next one to another router.
struct ClosingAnswers: RouterMiddleware {
    let drain: RouterDrain

    func handle(
        _ request: Request, context: RouterContext,
        next: @concurrent (Request, RouterContext) async throws -> Response
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
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            let reason = error.status == .notFound ? "no such path: \(request.uri.path)" : error.status.reasonPhrase
            return .refusal(error.status.code, reason)
        }
    }
}
