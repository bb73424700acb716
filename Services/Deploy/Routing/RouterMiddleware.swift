// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore

/// Closes each connection with its next answer while the router drains, so that clients that keep connections open make
/// their next one to another router.
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

/// Answers what no route answers, such as an unknown path, with the protocol's error body.
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
