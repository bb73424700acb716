// SPDX-License-Identifier: Apache-2.0

import Kafka
import LegRuntime
import TopicAdministration

/// Judges the cluster, its topics, and what the services may do there. Pure.
enum ClusterChecks {
    static func cluster(_ facts: DoctorFacts, servers: [String]) -> [Check] {
        let name = servers.joined(separator: ",")
        guard case .known(let cluster) = facts.cluster else {
            guard case .unknown(let reason) = facts.cluster else { return [] }
            return [
                .problem(
                    .cluster, name, "no broker answered: \(reason)",
                    do: "check the address, the network and the credentials, and that the brokers run")
            ]
        }
        let brokers = cluster.brokers.map { "\($0.id) at \($0.host):\($0.port)" }.joined(separator: ", ")
        return [
            .ok(.cluster, name, "answers; brokers \(brokers)"), controller(cluster),
        ] + cluster.brokers.map { address($0, facts.unreachable[$0.id] ?? "") } + transactions(facts) + damage(facts)
    }

    private static func damage(_ facts: DoctorFacts) -> [Check] {
        guard let damage = facts.damage else { return [] }
        guard !damage.isEmpty else { return [.ok(.cluster, "log", "no damaged batch is known")] }
        return [
            .problem(
                .cluster, "log", "damaged batches, which nobody can read: \(damage)",
                do: "look after the device; restore a backup, or stop the relay and run `relay broker --data-directory "
                    + "<its broker's> --set-aside <partition>@<offset>`")
        ]
    }

    private static func controller(_ cluster: ClusterDescription) -> Check {
        guard let controller = cluster.controller else {
            return .problem(
                .cluster, "controller", "there is none: topics cannot be made",
                do: "look at the brokers' logs; most of the controllers' quorum must be up")
        }
        return .ok(.cluster, "controller", "broker \(controller)")
    }

    private static func address(_ broker: ClusterDescription.Broker, _ reason: String) -> Check {
        let name = "broker \(broker.id)"
        guard !reason.isEmpty else { return .ok(.cluster, name, "\(broker.host):\(broker.port) is reached from here") }
        return .problem(
            .cluster, name, "tells clients to use \(broker.host):\(broker.port), which cannot be used here: \(reason)",
            do: "have the broker advertise an address that its clients can reach (advertised.listeners), or run this "
                + "where they run")
    }

    private static func transactions(_ facts: DoctorFacts) -> [Check] {
        let steps = facts.probes.flatMap(\.steps).filter { $0.name == ServiceProbe.transactionalIDStep }
        guard let first = steps.first else { return [] }
        guard let failure = steps.allSatisfy({ $0.failure != nil }) ? first.failure : nil else {
            return [.ok(.cluster, "transactions", "idempotent and transactional producers work")]
        }
        // No answer says nothing about transactions; why there is none, another check says.
        if failure.code == .timedOut || failure.code == .transport {
            return [.unknown(.cluster, "transactions", failure.message)]
        }
        return [
            .problem(
                .cluster, "transactions", "a transactional producer could not be made: \(failure.message)",
                do: failure.code == .notAuthorised
                    ? "see the permissions below"
                    : "on fewer than three brokers set transaction.state.log.replication.factor and "
                        + "transaction.state.log.min.isr to what there are; the broker must be of version 2.5 or newer")
        ]
    }

    static func topics(_ facts: DoctorFacts, _ provision: TopicProvision, _ advice: TopicAdvice) -> [Check] {
        guard case .known(let found) = facts.topics else {
            guard case .unknown(let reason) = facts.topics else { return [] }
            return [.unknown(.topics, "all", reason)]
        }
        let differences = provision.differences(found).map { difference -> Check in
            let what = "planned \(difference.planned), found \(difference.found); \(advice.meaning(difference))"
            return .problem(
                .topics, "\(difference.topic) \(difference.property.name)", what,
                do: advice.command(difference) ?? "see what it means")
        }
        let planned = differences.isEmpty ? [Check.ok(.topics, "plan", "\(found.count) topics are as planned")] : []
        return planned + differences + found.flatMap(health)
    }

    private static func health(_ topic: FoundTopic) -> [Check] {
        var checks: [Check] = []
        let (name, description) = (topic.description.name, topic.description)
        func list(_ partitions: [Int32]) -> String { partitions.map(String.init).joined(separator: ", ") }
        if !description.leaderless.isEmpty {
            checks.append(
                .problem(
                    .topics, name, "no broker leads partitions \(list(description.leaderless))",
                    do: "start the brokers that have their copies"))
        } else if !description.underReplicated.isEmpty {
            checks.append(
                .warning(
                    .topics, name, "copies lag behind or are away: partitions \(list(description.underReplicated))",
                    do: "see that all brokers are up and have disk left"))
        }
        if description.replicationFactor >= 3, let minimum = topic.minimumInSync, minimum < 2 {
            checks.append(
                .warning(
                    .topics, name, "a write is acknowledged when only one of \(description.replicationFactor) has it",
                    do: "set min.insync.replicas to 2"))
        }
        return checks
    }

    static func permissions(_ facts: DoctorFacts) -> [Check] {
        facts.probes.flatMap { probe -> [Check] in
            let failed = probe.steps.filter { $0.failure != nil }
            guard !failed.isEmpty else {
                return [.ok(.permissions, probe.service, "may do all it does: \(probe.steps.count) probes")]
            }
            return failed.map { permission(probe.service, $0) }
        }
    }

    private static func permission(_ service: String, _ step: ServiceProbe.Step) -> Check {
        let name = "\(service): \(step.name)"
        guard let failure = step.failure else { return .ok(.permissions, name, "works") }
        switch failure.code {
        case .notAuthorised:
            return .problem(
                .permissions, name, "the cluster refuses it: \(failure.message)",
                do: "grant the service's principal this access")
        case .authenticationFailed:
            return .problem(
                .permissions, name, "the cluster does not know these credentials: \(failure.message)",
                do: "correct the properties file of the service")
        case .unknownTopicOrPartition:
            return .problem(
                .permissions, name, "the topic is not there, or its principal may not see it: \(failure.message)",
                do: "`relay topics apply`; then grant the service's principal to describe it")
        case .timedOut, .transport:
            return .unknown(.permissions, name, failure.message)
        default:
            return .problem(.permissions, name, failure.message, do: failure.advice)
        }
    }
}

extension ServiceProbe {
    /// The step that shows whether the cluster has transactions at all.
    static let transactionalIDStep = "own a transactional id"
}
