// SPDX-License-Identifier: Apache-2.0

package import Baton
package import NIOCore

/// An inference request and what became of it: what a prediction event is made of.
package struct AnsweredRequest: Sendable {
    /// Made by the router. A prediction event is named by the request's own id, where the client gave one.
    package let id: String
    /// The release that was to answer.
    package let release: ReleaseRecord
    /// The lane that answered; nil when none could.
    package let lane: String?
    /// The HTTP status code.
    package let status: Int
    /// The request's body.
    package var request: ByteBuffer
    /// The answer's body.
    package var response: ByteBuffer
    /// From the whole request to the whole answer.
    package let latency: Duration
    /// When it was answered.
    package var at: Timestamp
    /// Whether what was asked and answered has been left out.
    package private(set) var isAbridged = false

    /// Bytes over the router's connection, both ways, without heads.
    package var movedBytes: Int { request.readableBytes + response.readableBytes }

    /// Leaves out what was asked and answered; that and how it was answered stays.
    package mutating func abridge() {
        (request, response, isAbridged) = (ByteBuffer(), ByteBuffer(), true)
    }

    /// A request as it was answered.
    package init(
        id: String, release: ReleaseRecord, lane: String?, status: Int, request: ByteBuffer, response: ByteBuffer,
        latency: Duration, at: Timestamp
    ) {
        (self.id, self.release, self.lane, self.status) = (id, release, lane, status)
        (self.request, self.response, self.latency, self.at) = (request, response, latency, at)
    }
}
