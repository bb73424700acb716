// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Tells when the patience with a connection ends.
///
/// A value without I/O and without a clock.
struct ConnectionWatch {
    enum Overdue: Equatable, CustomStringConvertible {
        case idle
        case incompleteRequest
        /// Others wait for memory that this connection's request holds without making good use of it.
        case slowRequest
        case unreadAnswers

        var description: String {
            switch self {
            case .idle: "nothing was heard of it for connections.max.idle.ms"
            case .incompleteRequest: "its request stayed incomplete for request.receive.timeout.ms"
            case .slowRequest: "its request came slowly while others waited for queued.max.request.bytes"
            case .unreadAnswers:
                "it read nothing of its answers for response.unread.timeout.ms, or for a second while"
                    + " queued.max.response.bytes was reached"
            }
        }
    }

    /// What the connection looks like at the moment of the question.
    struct Sight {
        /// Bytes of an incomplete request.
        var incompleteBytes = 0
        /// Whether the broker reads from the connection.
        var isReading = true
        var requestsUnderWay = 0
        /// Bytes of answers that the system has not taken yet.
        var unwrittenBytes = 0
        /// Whether others wait for memory.
        var isMemoryExhausted = false
        /// Whether others get less than they ask for because of answers that nobody reads.
        var areAnswersExhausted = false
    }

    /// While others wait, some of an answer must be read within this time, and a request that is this old must have
    /// come at `leastBytesPerSecond` on average.
    private static let graceUnderPressure = TimeAmount.seconds(1)
    private static let leastBytesPerSecond = 1 << 20

    private var lastActivity: NIODeadline
    private var incompleteSince: NIODeadline?
    private var unwritten: (bytes: Int, since: NIODeadline)?

    init(now: NIODeadline) { lastActivity = now }

    /// Bytes came, and what is left of them after the whole requests were taken is or is not part of another one.
    mutating func received(now: NIODeadline, completedRequest: Bool, isIncomplete: Bool) {
        lastActivity = now
        guard isIncomplete else { return incompleteSince = nil }
        if completedRequest || incompleteSince == nil { incompleteSince = now }
    }

    /// An answer was handed to the system.
    mutating func answered(now: NIODeadline) { lastActivity = now }

    mutating func overdue(_ sight: Sight, now: NIODeadline, limits: ConnectionLimits) -> Overdue? {
        if sight.unwrittenBytes == 0 {
            unwritten = nil
        } else if unwritten?.bytes != sight.unwrittenBytes {
            unwritten = (sight.unwrittenBytes, now)
        }
        // Time in which the broker did not read is not the client's.
        if !sight.isReading, incompleteSince != nil { incompleteSince = now }
        if let unwritten {
            let patience = TimeAmount(limits.unreadAnswerTimeout)
            let limit = sight.areAnswersExhausted ? min(patience, Self.graceUnderPressure) : patience
            if now - unwritten.since >= limit { return .unreadAnswers }
        }
        if let incompleteSince {
            let age = now - incompleteSince
            if age >= TimeAmount(limits.requestReceiveTimeout) { return .incompleteRequest }
            let seconds = Double(age.nanoseconds) / 1e9
            if sight.isMemoryExhausted, age >= Self.graceUnderPressure,
                Double(sight.incompleteBytes) < seconds * Double(Self.leastBytesPerSecond)
            {
                return .slowRequest
            }
        }
        let isBusy = sight.requestsUnderWay > 0 || sight.unwrittenBytes > 0
        if !isBusy, now - lastActivity >= TimeAmount(limits.connectionsMaxIdle) { return .idle }
        return nil
    }
}
