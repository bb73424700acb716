// SPDX-License-Identifier: Apache-2.0

/// The names of every topic and consumer group under one prefix.
public struct Topics: Sendable, Equatable {
    /// Precedes every name; `relay.` unless configured.
    public let prefix: String

    public init(prefix: String = "relay.") { self.prefix = prefix }

    /// Requests from external systems and the captain's HTTP intake; read by the captain.
    public var inbox: String { prefix + "inbox" }
    /// Admissible requests and handoffs, keyed by baton; read by the captain.
    public var batonEvents: String { prefix + "baton-events" }
    /// The latest state of every baton, keyed by baton; compacted.
    public var batons: String { prefix + "batons" }
    /// Assignments of one leg, keyed by baton; written by the captain alone.
    public func leg(_ leg: Leg) -> String { prefix + "legs." + leg.rawValue }
    /// Reports of running work, keyed by baton; kept for minutes.
    public var progress: String { prefix + "progress" }
    /// Decisions, keyed by baton.
    public var journal: String { prefix + "journal" }
    /// What each baton put live, keyed `model/baton`; compacted, one partition so that all see one order.
    public var releases: String { prefix + "releases" }
    /// Answered inference requests, keyed by model, and how far each router is with them.
    public var predictions: String { prefix + "predictions" }
    /// Ground truth for predictions, keyed by model.
    public var outcomes: String { prefix + "outcomes" }
    /// What monitor, deploy and governance want people to see, keyed by model or baton.
    public var signals: String { prefix + "signals" }
    /// Measured consumption, keyed by account.
    public var usage: String { prefix + "usage" }
    /// The hash-chained record; kept for ever.
    public var ledger: String { prefix + "ledger" }
    /// What could not be read, with the reason.
    public var deadLetters: String { prefix + "dead-letters" }

    /// The consumer group of a leg's lane: `relay.pipeline.primary`.
    public func group(_ leg: Leg, _ lane: RaceLane) -> String { prefix + leg.rawValue + "." + lane.rawValue }
    /// The consumer group of the captain.
    public var captainGroup: String { prefix + "captain" }
    /// The consumer group of the ledger's writers.
    public var ledgerGroup: String { prefix + "governance.ledger" }

    /// The group that a service's readers without a group name; nobody is ever in it.
    public func readerGroup(_ service: String) -> String { prefix + service + ".reader" }

    /// Every topic with how it must be made.
    public func all(controlPartitions: Int32 = 8) -> [TopicPlan] {
        let hour: Int64 = 3_600_000
        let plans: [(String, Int32, TopicPlan.Cleanup)] = [
            (inbox, controlPartitions, .delete(afterMilliseconds: 7 * 24 * hour)),
            (batonEvents, controlPartitions, .delete(afterMilliseconds: 7 * 24 * hour)),
            (batons, controlPartitions, .compact),
            (progress, controlPartitions, .delete(afterMilliseconds: hour)),
            (journal, controlPartitions, .delete(afterMilliseconds: 30 * 24 * hour)),
            (releases, 1, .compact),
            (predictions, controlPartitions, .delete(afterMilliseconds: 7 * 24 * hour)),
            (outcomes, controlPartitions, .delete(afterMilliseconds: 30 * 24 * hour)),
            (signals, controlPartitions, .delete(afterMilliseconds: 7 * 24 * hour)),
            (usage, controlPartitions, .delete(afterMilliseconds: 30 * 24 * hour)),
            (ledger, controlPartitions, .keep),
            (deadLetters, controlPartitions, .delete(afterMilliseconds: 30 * 24 * hour)),
        ]
        let legs = Leg.allCases.map {
            (leg($0), controlPartitions, TopicPlan.Cleanup.delete(afterMilliseconds: 7 * 24 * hour))
        }
        return (plans + legs).map { TopicPlan(name: $0.0, partitions: $0.1, cleanup: $0.2) }
    }
}
