// SPDX-License-Identifier: Apache-2.0

import Baton

/// The processes of the race by name.
enum Cast {
    static let broker = "broker"
    static let captain = "captain"
    /// Primary lanes have their leg's name.
    static let legs = RaceLane.allCases.flatMap { lane in Leg.allCases.map { name($0, lane) } }
    static let services = [captain] + legs
    /// The disk of the artifact store, which pipeline, deploy and monitor share.
    static let store = "store"

    static func name(_ leg: Leg, _ lane: RaceLane) -> String {
        lane == .primary ? leg.rawValue : "\(leg.rawValue)-fallback"
    }
}

extension Schedule.Plan {
    /// The faults of a race.
    /// - Parameters:
    ///   - length: of the race.
    ///   - session: after which a group gives up a silent member.
    ///   - without: kinds that this machine cannot do.
    ///   - isShort: short faults in quick succession, so that each kind fits into half a minute.
    static func race(
        _ length: Duration, session: Duration, without: Set<FaultKind>, isShort: Bool
    ) -> Schedule.Plan {
        let processes = [Cast.broker] + Cast.services
        let targets: [FaultKind: [String]] = [
            .kill: processes, .freeze: processes, .longFreeze: processes, .stop: processes,
            .cut: Cast.services, .silence: Cast.services, .deafBroker: Cast.services, .muteBroker: Cast.services,
            .delay: Cast.services, .throttle: Cast.services, .skew: Cast.services, .scale: Cast.services,
            .fullDisk: [Cast.broker, Cast.store],
        ]
        func seconds(_ from: Double, _ to: Double) -> ClosedRange<Duration> {
            isShort ? .seconds(from / 2) ... .seconds(to / 3) : .seconds(from) ... .seconds(to)
        }
        let links = seconds(2, 12)
        let lengths: [FaultKind: ClosedRange<Duration>] = [
            .kill: .zero ... .seconds(isShort ? 1 : 3), .freeze: seconds(1, 5),
            .longFreeze: session + .seconds(1)...session * 2, .stop: seconds(1, 6),
            .cut: links, .silence: links, .deafBroker: links, .muteBroker: links, .delay: seconds(4, 20),
            .throttle: seconds(4, 20), .skew: seconds(5, 20), .scale: seconds(8, 25), .fullDisk: seconds(2, 10),
        ]
        return Schedule.Plan(
            length: length, warmUp: .seconds(isShort ? 2 : 5), atOnce: isShort ? 4 : 3,
            pace: .seconds(isShort ? 1.5 : 3), targets: targets.filter { !without.contains($0.key) }, lengths: lengths)
    }
}
