// SPDX-License-Identifier: Apache-2.0

package import Baton

/// What a service does with Kafka, as its least privileges must allow.
package struct ServiceAccess: Sendable, Equatable {
    let service: String
    let reads: [String]
    let writes: [String]
    let groups: [Group]

    /// A consumer group and what it reads.
    package struct Group: Sendable, Equatable {
        let name: String
        let topics: [String]
        /// Whether its place stands still while a duty runs.
        var runsDuties = false

        /// Of its parts.
        package init(name: String, topics: [String], runsDuties: Bool = false) {
            self.name = name
            self.topics = topics
            self.runsDuties = runsDuties
        }
    }

    /// The names of all services.
    package static let services = [captainName] + Leg.allCases.map(\.rawValue)
    private static let captainName = "captain"

    /// - Returns: nil for a service that the suite does not have.
    package init?(_ service: String, _ topics: Topics) {
        self.service = service
        if service == Self.captainName {
            reads = [
                topics.inbox, topics.batonEvents, topics.progress, topics.batons, topics.journal, topics.signals,
                topics.predictions,
            ]
            writes =
                [topics.inbox, topics.batonEvents, topics.batons, topics.journal, topics.releases, topics.deadLetters]
                + Leg.allCases.map(topics.leg)
            groups = [
                Group(name: topics.captainGroup, topics: [topics.batonEvents, topics.progress]),
                Group(name: topics.captainGroup + ".intake", topics: [topics.inbox]),
            ]
            return
        }
        guard let leg = Leg(rawValue: service) else { return nil }
        let own = Self.own(leg, topics)
        reads = [topics.leg(leg)] + own.reads
        writes =
            [topics.batonEvents, topics.progress, topics.journal, topics.usage, topics.deadLetters] + own.writes
        groups =
            RaceLane.allCases.map { lane in
                Group(name: topics.group(leg, lane), topics: [topics.leg(leg)], runsDuties: true)
            } + own.groups
    }

    /// Beyond what every leg does.
    private static func own(_ leg: Leg, _ topics: Topics) -> (reads: [String], writes: [String], groups: [Group]) {
        switch leg {
        case .pipeline: ([], [], [])
        case .deploy: ([topics.releases], [topics.predictions, topics.signals], [])
        case .monitor: ([topics.predictions], [topics.predictions, topics.signals], [])
        case .governance:
            (
                [topics.journal, topics.usage, topics.ledger, topics.releases], [topics.ledger, topics.signals],
                [Group(name: topics.ledgerGroup, topics: [topics.journal, topics.usage])]
            )
        }
    }
}
