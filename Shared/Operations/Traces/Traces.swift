// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The spans of one process that wait to be exported. Recording never waits: what finds no room is counted and lost.
public final class Traces: Sendable {
    /// For a process that exports none.
    public static let off = Traces(isOn: false)

    /// Whether anybody wants spans.
    public let isOn: Bool
    let capacity: Int
    /// Says that spans have come; one signal may stand for many.
    let arrivals: AsyncStream<Void>

    private struct State {
        var waiting: [Span] = []
        var lost = 0
    }

    private let state = Mutex(State())
    private let arrival: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - isOn: Whether anybody wants spans.
    ///   - capacity: How many spans may wait.
    public init(isOn: Bool = true, capacity: Int = 4096) {
        self.isOn = isOn
        self.capacity = capacity
        (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Hands spans over to be exported.
    public func record(_ spans: [Span]) {
        guard isOn, !spans.isEmpty else { return }
        state.withLock { state in
            let room = capacity - state.waiting.count
            state.waiting += spans.prefix(room)
            state.lost += max(0, spans.count - room)
        }
        arrival.yield()
    }

    /// The spans that have waited longest; they stay until `remove`.
    func first(_ maximum: Int) -> [Span] { state.withLock { Array($0.waiting.prefix(maximum)) } }

    /// Removes the spans that have waited longest.
    func remove(_ count: Int) { state.withLock { $0.waiting.removeFirst(min(count, $0.waiting.count)) } }

    /// How many spans wait.
    public var waiting: Int { state.withLock { $0.waiting.count } }

    /// How many spans found no room.
    public var lost: Int { state.withLock { $0.lost } }
}
