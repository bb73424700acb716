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
    let request: ByteBuffer
    let response: ByteBuffer
    let latency: Duration
    let at: Timestamp

    /// Bytes over the router's connection, both ways, without heads.
    var movedBytes: Int { request.readableBytes + response.readableBytes }
}
