// SPDX-License-Identifier: Apache-2.0

/// The kinds of faults, by their names in the report.
enum FaultKind: String, CaseIterable, Codable, Sendable, CodingKeyRepresentable {
    /// SIGKILL; started again after the fault's length.
    case kill
    /// SIGSTOP for less than a session.
    case freeze
    /// SIGSTOP for longer than a session: the group gives the partitions away meanwhile.
    case longFreeze = "long-freeze"
    /// SIGTERM; started again after the fault's length.
    case stop
    /// Connections to the broker are closed, and new ones at once.
    case cut
    /// Connections are accepted, and no byte arrives in either direction.
    case silence
    /// No byte reaches the broker; what it says arrives.
    case deafBroker = "deaf-broker"
    /// No byte comes from the broker; what it is told arrives.
    case muteBroker = "mute-broker"
    /// Every byte arrives late.
    case delay
    /// Few bytes a second.
    case throttle
    /// Runs with a clock that is minutes off.
    case skew
    /// The disk takes nothing more.
    case fullDisk = "full-disk"
    /// More instances for a while.
    case scale
}

/// What is done to a target.
enum Effect: Hashable, Sendable {
    case kill, freeze, longFreeze, stop, cut, fullDisk
    /// Bytes stand still in these directions; afterwards they arrive late, or the connections are reset.
    case hold(Set<Direction>, thenReset: Bool)
    case delay(Duration)
    case throttle(bytesPerSecond: Int)
    case skew(seconds: Int)
    case scale(instances: Int)

    var kind: FaultKind {
        switch self {
        case .kill: .kill
        case .freeze: .freeze
        case .longFreeze: .longFreeze
        case .stop: .stop
        case .cut: .cut
        case .fullDisk: .fullDisk
        case .hold(let directions, _):
            directions.count == 2 ? .silence : directions.contains(.toBroker) ? .deafBroker : .muteBroker
        case .delay: .delay
        case .throttle: .throttle
        case .skew: .skew
        case .scale: .scale
        }
    }
}

/// One way through a connection.
enum Direction: Hashable, Sendable, CaseIterable {
    case toBroker, fromBroker
}

/// One fault of a schedule.
struct Fault: Hashable, Sendable, CustomStringConvertible {
    let number: Int
    let effect: Effect
    /// The process, link or disk that it hits.
    let target: String
    /// From the start of the race.
    let begin: Duration
    let length: Duration

    var end: Duration { begin + length }

    func isActive(at time: Duration) -> Bool { begin <= time && time < end }

    var description: String {
        "#\(number) \(effect.kind.rawValue) \(target)\(details) from \(begin.text) for \(length.text)"
    }

    private var details: String {
        switch effect {
        case .hold(_, let thenReset): thenReset ? ", then reset" : ", then late"
        case .delay(let delay): " by \(delay.milliseconds) ms"
        case .throttle(let rate): " to \(rate) B/s"
        case .skew(let seconds): " by \(seconds) s"
        case .scale(let instances): " by \(instances)"
        case .kill, .freeze, .longFreeze, .stop, .cut, .fullDisk: ""
        }
    }
}
