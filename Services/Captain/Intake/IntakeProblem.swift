// SPDX-License-Identifier: Apache-2.0

import Baton
package import HTTPTypes
package import Hummingbird
import Web

/// An answer other than success: `{"error": {"code", "message", "problems", "details"}}`.
package struct IntakeProblem: HTTPResponseError, Equatable {
    /// Stable names that clients may branch on.
    package enum Code: String, Sendable, Codable {
        case refused, contradicts, badIdentifier, notFound, alreadyEnded, tooLarge, unsupportedMediaType,
            notAcknowledged
        case tooManyClients
    }

    package let status: HTTPResponse.Status
    let code: Code
    let message: String
    var problems: [Problem] = []
    var retryAfterSeconds: Int?

    static func refused(_ refusal: Refusal) -> Self {
        Self(
            status: .badRequest, code: .refused,
            message: "nothing was taken; correct \(refusal.details.count == 1 ? "this" : "these") and send it again",
            problems: refusal.details)
    }

    /// The source and id of another request, which says something else.
    static func contradicts(_ problems: [Problem]) -> Self {
        Self(
            status: .conflict, code: .contradicts,
            message: "nothing was taken: source and id are those of another request; give a new release a new id",
            problems: problems)
    }

    static func tooLarge(limitBytes: Int) -> Self {
        Self(
            status: .contentTooLarge, code: .tooLarge,
            message: "the body is larger than \(limitBytes) bytes; send large things by reference")
    }

    static func unsupportedMediaType(_ type: String) -> Self {
        Self(
            status: .unsupportedMediaType, code: .unsupportedMediaType,
            message: "the content type \"\(type)\" is not understood; send application/cloudevents+json, "
                + "application/cloudevents-batch+json, or application/json with ce- headers")
    }

    static var notAcknowledged: Self {
        Self(
            status: .serviceUnavailable, code: .notAcknowledged,
            message: "Kafka has not acknowledged in time; send the same again, with the same id: it counts once",
            retryAfterSeconds: 2)
    }

    /// No such baton is known here.
    package static func notFound(_ baton: String, remembered: Int) -> Self {
        Self(
            status: .notFound, code: .notFound,
            message: "no baton \(baton) is known here; the newest \(remembered) are")
    }

    /// What stands in place of a baton's id is none.
    package static func badIdentifier(_ text: String) -> Self {
        Self(
            status: .badRequest, code: .badIdentifier,
            message: "\"\(text.prefix(100))\" is not a baton id: 26 letters and digits without I, L, O and U")
    }

    /// Too many follow the live feed already.
    package static var tooManyClients: Self {
        Self(
            status: .serviceUnavailable, code: .tooManyClients, message: "too many clients watch already",
            retryAfterSeconds: 5)
    }

    static func alreadyEnded(_ summary: String) -> Self {
        Self(status: .conflict, code: .alreadyEnded, message: "the baton has ended: \(summary)")
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response {
        // What is wrong with the whole is at its root.
        let details = problems.map { Problem($0.message, at: $0.pointer ?? .root) }
        let body = ProblemBody(
            error: .init(code: code, message: message, problems: problems.map(\.description), details: details))
        var response = Response(json: JSON.encode(body), status: status)
        if let retryAfterSeconds { response.headers[.retryAfter] = String(retryAfterSeconds) }
        return response
    }
}

private struct ProblemBody: Encodable {
    struct Detail: Encodable {
        let code: IntakeProblem.Code
        let message: String
        /// For people.
        let problems: [String]
        /// The same for programs.
        let details: [Problem]
    }
    let error: Detail
}
