// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
public import NIOHTTP1
import Synchronization

/// What all connections of a server share: who is let in, what is held, and the words of a refusal.
public final class EdgeDoor: Sendable {
    let policy: EdgePolicy
    let limits: EdgeLimits
    let bodies: BodiesInFlight
    private let words: @Sendable (EdgeRefusal) -> [UInt8]
    private let refusals: [EdgeRefusal.Reason: Counter]
    private let connections = Atomic(0)
    private let refused: @Sendable (HTTPRequestHead, EdgeRefusal) -> Void

    /// - Parameters:
    ///   - policy: Which requests are taken.
    ///   - limits: How long and how much.
    ///   - metrics: Counts what is refused.
    ///   - refused: Hears of each request that was not taken.
    ///   - words: The JSON body of an answer that refuses.
    public init(
        policy: EdgePolicy, limits: EdgeLimits, metrics: Metrics,
        refused: @escaping @Sendable (HTTPRequestHead, EdgeRefusal) -> Void = { _, _ in },
        words: @escaping @Sendable (EdgeRefusal) -> [UInt8]
    ) {
        self.policy = policy
        self.limits = limits
        self.refused = refused
        self.words = words
        bodies = BodiesInFlight(limit: limits.bodiesBytes)
        refusals = Dictionary(
            uniqueKeysWithValues: EdgeRefusal.Reason.allCases.map { reason in
                let counter = metrics.counter(
                    "relay_http_refused_total", help: "Requests that a server did not take, by why.",
                    labels: ["reason": reason.rawValue])
                return (reason, counter)
            })
    }

    var openConnections: Int { connections.load(ordering: .relaxed) }
    func opened() { connections.add(1, ordering: .relaxed) }
    func closed() { connections.subtract(1, ordering: .relaxed) }

    /// Why a request is not taken; nil when it is.
    func refusal(of head: HTTPRequestHead, at local: String?) -> EdgeRefusal? {
        if let refusal = policy.refusal(of: head, at: local) { return refusal }
        if policy.isOpen(head) { return nil }
        if openConnections > limits.connections { return .connections }
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        return bodies.fits(announced) ? nil : .bodiesInFlight
    }

    /// The answer that refuses a request.
    func answer(to refusal: EdgeRefusal, of head: HTTPRequestHead) -> Response {
        refused(head, refusal)
        return answer(to: refusal)
    }

    /// The answer that refuses.
    func answer(to refusal: EdgeRefusal) -> Response {
        refusals[refusal.reason]?.add()
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        headers[.retryAfter] = refusal.retryAfterSeconds.map { "\($0)" }
        return Response(
            status: refusal.status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: words(refusal))))
    }
}

extension Router {
    /// Says of every path so far which methods it has, to whoever tries another one.
    func refuseOtherMethods(_ door: EdgeDoor) {
        let paths = Dictionary(grouping: routes) { $0.path.description }
        for (path, known) in paths {
            var methods = Set(known.map(\.method))
            if methods.contains(.get) { methods.insert(.head) }
            let allowed = methods.map(\.rawValue).sorted().joined(separator: ", ")
            for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options]
            where !methods.contains(method) {
                on(RouterPath(path), method: method) { _, _ in
                    var answer = door.answer(
                        to: EdgeRefusal(
                            status: .methodNotAllowed, reason: .methodNotAllowed,
                            message: "\(method.rawValue) is not for this path; it has \(allowed)"))
                    answer.headers[.allow] = allowed
                    return answer
                }
            }
        }
    }
}
