// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// A request to a lane.
struct LaneRequest: Sendable {
    var method: HTTPMethod
    var path: String
    var body: ByteBuffer
    /// The span that the request belongs to.
    var traceparent: String?

    static func get(_ path: String) -> LaneRequest {
        LaneRequest(method: .GET, path: path, body: ByteBuffer())
    }

    static func post(_ path: String, _ body: ByteBuffer) -> LaneRequest {
        LaneRequest(method: .POST, path: path, body: body)
    }
}

/// A lane's whole answer.
struct LaneResponse: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: ByteBuffer
}

/// A request that a lane did not answer. Nobody knows whether the lane did the work, so only idempotent requests
/// may be sent again.
enum LaneTransportError: Error, Equatable, CustomStringConvertible {
    /// No connection could be made.
    case cannotConnect(String)
    /// The connection ended before the answer did.
    case connectionLost(String)
    case timedOut(Duration)
    /// All connections that the pool may hold are busy; nothing was sent.
    case poolExhausted(Int)
    case bodyTooLarge(Int)

    /// For clients: without addresses and system calls, which are the operators' matter.
    var outline: String {
        switch self {
        case .cannotConnect: "it takes no connections"
        case .connectionLost: "it broke off before the answer was whole"
        case .timedOut, .poolExhausted, .bodyTooLarge: description
        }
    }

    /// For operators.
    var description: String {
        switch self {
        case .cannotConnect(let reason): "cannot connect: \(reason)"
        case .connectionLost(let reason): "the connection was lost: \(reason)"
        case .timedOut(let duration): "no answer within \(duration)"
        case .poolExhausted(let limit): "\(limit) requests are under way already"
        case .bodyTooLarge(let limit): "the answer is larger than \(limit) bytes"
        }
    }
}
