// SPDX-License-Identifier: Apache-2.0

import Baton
import NIOCore

/// An inference request and what became of it: what a prediction event is made of.
struct AnsweredRequest: Sendable {
    /// Made by the router; the request's own id, when it has one, comes first in the event.
    let id: String
    let release: ReleaseRecord
    /// The lane that answered; nil when none could.
    let lane: String?
    let status: Int
    var request: ByteBuffer
    var response: ByteBuffer
    let latency: Duration
    var at: Timestamp
    /// Whether what was asked and answered has been left out.
    private(set) var isAbridged = false

    /// Bytes over the router's connection, both ways, without heads.
    var movedBytes: Int { request.readableBytes + response.readableBytes }

    /// Leaves out what was asked and answered; that and how it was answered stays.
    mutating func abridge() {
        (request, response, isAbridged) = (ByteBuffer(), ByteBuffer(), true)
    }
}

extension AnsweredRequest {
    init(
        id: String, release: ReleaseRecord, lane: String?, status: Int, request: ByteBuffer, response: ByteBuffer,
        latency: Duration, at: Timestamp
    ) {
        (self.id, self.release, self.lane, self.status) = (id, release, lane, status)
        (self.request, self.response, self.latency, self.at) = (request, response, latency, at)
    }
}
