// SPDX-License-Identifier: Apache-2.0

/// A request that a lane did not answer. Nobody knows whether the lane did the work, so only idempotent requests
/// may be sent again.
package enum LaneTransportError: Error, Equatable, CustomStringConvertible {
    /// No connection could be made.
    case cannotConnect(String)
    /// The connection ended before the answer did.
    case connectionLost(String)
    case timedOut(Duration)
    /// All connections that the pool may hold are busy; nothing was sent.
    case poolExhausted(Int)
    case bodyTooLarge(Int)

    /// For clients: without addresses and system calls, which are the operators' matter.
    package var outline: String {
        switch self {
        case .cannotConnect: "it takes no connections"
        case .connectionLost: "it broke off before the answer was whole"
        case .timedOut, .poolExhausted, .bodyTooLarge: description
        }
    }

    /// For operators.
    package var description: String {
        switch self {
        case .cannotConnect(let reason): "cannot connect: \(reason)"
        case .connectionLost(let reason): "the connection was lost: \(reason)"
        case .timedOut(let duration): "no answer within \(duration)"
        case .poolExhausted(let limit): "\(limit) requests are under way already"
        case .bodyTooLarge(let limit): "the answer is larger than \(limit) bytes"
        }
    }
}
