// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What a connection is at, and until when the client has to do something about it. Pure.
struct ConnectionTimes {
    /// What becomes of a connection whose time is over.
    enum Expiry: Equatable {
        /// Nothing was asked: it is closed without a word.
        case silent
        /// The request under way is told.
        case bodyTooSlow
    }

    private enum Waiting: Equatable {
        case firstHead(since: NIODeadline)
        case nextHead(since: NIODeadline)
        case body(since: NIODeadline)
        /// For us.
        case answer
        case end(since: NIODeadline)
    }

    private let limits: EdgeLimits
    private var waiting: Waiting
    /// Requests whose answers have not ended.
    private(set) var unanswered = 0

    init(_ limits: EdgeLimits, opened now: NIODeadline) {
        self.limits = limits
        waiting = .firstHead(since: now)
    }

    mutating func headRead(_ now: NIODeadline) {
        unanswered += 1
        if !isEnding { waiting = .body(since: now) }
    }

    mutating func requestRead(_ now: NIODeadline) {
        if !isEnding { waiting = unanswered > 0 ? .answer : .nextHead(since: now) }
    }

    mutating func answered(_ now: NIODeadline) {
        unanswered = max(0, unanswered - 1)
        // An answer before the body is whole leaves the body its time.
        if waiting == .answer, unanswered == 0 { waiting = .nextHead(since: now) }
    }

    /// The client has been told that it took too long: what is left is our answer to it.
    mutating func bodyGivenUp() { waiting = .answer }

    /// The last answer is written; the client may read it, and end.
    mutating func ending(_ now: NIODeadline) {
        if !isEnding { waiting = .end(since: now) }
    }

    /// Until when the client has to act, and what happens otherwise; nil while it is our turn.
    var deadline: (at: NIODeadline, expiry: Expiry)? {
        switch waiting {
        case .firstHead(let since): (since + TimeAmount(limits.head), .silent)
        case .nextHead(let since): (since + TimeAmount(limits.idle), .silent)
        case .body(let since): (since + TimeAmount(limits.body), .bodyTooSlow)
        case .answer: nil
        case .end(let since): (since + TimeAmount(limits.linger), .silent)
        }
    }

    private var isEnding: Bool { if case .end = waiting { true } else { false } }
}
