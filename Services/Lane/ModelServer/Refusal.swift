// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import OpenInference

/// An answer other than success, as the Open Inference Protocol words it: `{"error": "..."}`.
struct Refusal: HTTPResponseError, Equatable {
    let status: HTTPResponse.Status
    let reason: String
    var retryAfterSeconds: Int?

    init(_ status: HTTPResponse.Status, _ reason: String, retryAfterSeconds: Int? = nil) {
        self.status = status
        self.reason = reason
        self.retryAfterSeconds = retryAfterSeconds
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        var response = Response(json: ErrorBody(error: reason).json(), status: status)
        if let retryAfterSeconds { response.headers[.retryAfter] = String(retryAfterSeconds) }
        return response
    }
}

extension Response {
    init(json: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: json)))
    }
}

/// Gives every failure, an unknown path included, the protocol's error body.
struct ProtocolErrors<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let refusal as Refusal {
            throw refusal
        } catch let error as any HTTPResponseError {
            let reason =
                error.status == .notFound ? "no such path: \(request.uri.path)" : error.status.reasonPhrase
            throw Refusal(error.status, reason)
        }
    }
}
