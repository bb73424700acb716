// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// Why a server does not take a request, before or while it is read.
public struct EdgeRefusal: Error, Sendable, Equatable {
    /// Stable names, for measurements and for clients that branch on them.
    public enum Reason: String, Sendable, CaseIterable {
        /// It is not HTTP as the standard has it.
        case malformed
        /// A coding or an expectation that is not known here.
        case unsupported
        /// It asks for a host that is not here.
        case foreignHost
        /// A page of another origin sends it.
        case foreignOrigin
        /// A write of a kind that any page could send.
        case unsupportedMediaType
        /// Its body is larger than is taken.
        case tooLarge
        /// Its body takes too long.
        case tooSlow
        /// Enough is under way already.
        case busy
        /// The path is there, for other methods.
        case methodNotAllowed
    }

    /// The status of the answer.
    public let status: HTTPResponse.Status
    /// For programs.
    public let reason: Reason
    /// For people: what was wrong, and what to do.
    public let message: String
    /// When to try again, if that may help.
    var retryAfterSeconds: Int?

    static func malformed(_ message: String) -> EdgeRefusal {
        EdgeRefusal(status: .badRequest, reason: .malformed, message: message)
    }

    static func tooLarge(limitBytes: Int) -> EdgeRefusal {
        EdgeRefusal(
            status: .contentTooLarge, reason: .tooLarge,
            message: "the body is larger than \(limitBytes) bytes; send it in parts, or send large things by reference")
    }

    static let bodiesInFlight = EdgeRefusal(
        status: .serviceUnavailable, reason: .busy,
        message: "as many bytes of requests as this server takes at once are under way; send it again in a moment",
        retryAfterSeconds: 1)

    static let connections = EdgeRefusal(
        status: .serviceUnavailable, reason: .busy,
        message: "as many connections as this server takes are open; close some, or try again in a moment",
        retryAfterSeconds: 1)

    static func tooSlow(_ limit: Duration) -> EdgeRefusal {
        EdgeRefusal(
            status: .requestTimeout, reason: .tooSlow,
            message: "the body was not whole within \(DurationText.write(limit)); send it faster, or in parts")
    }
}
