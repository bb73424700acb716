// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import NIOHTTP1

/// A request to a lane.
package struct LaneRequest: Sendable {
    /// What is to be done.
    package var method: HTTPMethod
    /// With what, below the lane's root.
    package var path: String
    /// What comes with it.
    package var body: ByteBuffer
    /// The span that the request belongs to.
    package var traceparent: String?

    /// A request without a body.
    package static func get(_ path: String) -> LaneRequest {
        LaneRequest(method: .GET, path: path, body: ByteBuffer())
    }

    /// A request with a body of JSON.
    package static func post(_ path: String, _ body: ByteBuffer) -> LaneRequest {
        LaneRequest(method: .POST, path: path, body: body)
    }
}

/// A lane's whole answer.
package struct LaneResponse: Sendable {
    /// The HTTP status code.
    package var status: Int
    /// As the lane wrote them.
    package var headers: HTTPHeaders
    /// All of it.
    package var body: ByteBuffer
}
