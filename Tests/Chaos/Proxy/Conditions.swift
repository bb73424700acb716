// SPDX-License-Identifier: Apache-2.0

/// What a link does to the connections through it.
struct Conditions: Sendable, Equatable {
    /// Closes what is open, and what is opened at once.
    var isCut = false
    /// Directions in which bytes stand still.
    var held: Set<Direction> = []
    /// By how much each byte is late.
    var delay: Duration = .zero
    /// Bytes a second in each direction of each connection.
    var bytesPerSecond: Int?

    static let healthy = Conditions()

    init() {}

    /// The conditions that a fault makes; nil when it is not one of links.
    init?(_ effect: Effect) {
        switch effect {
        case .cut: isCut = true
        case .hold(let directions, _): held = directions
        case .delay(let delay): self.delay = delay
        case .throttle(let rate): bytesPerSecond = rate
        case .kill, .freeze, .longFreeze, .stop, .fullDisk, .skew, .scale: return nil
        }
    }
}

/// When bytes that come now may leave, in order. Pure; times are nanoseconds of one clock.
struct Pace: Sendable {
    /// When the last byte taken in has left.
    private var free: Int64 = 0

    mutating func due(bytes: Int, now: Int64, _ conditions: Conditions) -> Int64 {
        let delay = conditions.delay.milliseconds * 1_000_000
        let passage = conditions.bytesPerSecond.map { Int64(bytes) * 1_000_000_000 / Int64(max(1, $0)) } ?? 0
        free = max(free, now + delay) + passage
        return free
    }

    /// Nothing is under way any more.
    mutating func clear() { free = 0 }
}
