// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Kafka
import LegRuntime

@testable import Doctor

/// Facts of a relay in which everything is well, for tests to break.
enum Healthy {
    static let provision = TopicProvision(topics: Topics(), replication: 3)

    static var facts: DoctorFacts {
        DoctorFacts(
            cluster: .known(
                ClusterDescription(
                    brokers: [.init(id: 1, host: "kafka-1", port: 9092)], controller: 1, topics: [])),
            topics: .known(topics),
            probes: [
                ServiceProbe(
                    service: "pipeline",
                    steps: [
                        .init(name: "see its topics", failure: nil),
                        .init(name: ServiceProbe.transactionalIDStep, failure: nil),
                    ])
            ],
            groups: .known([group]),
            services: [ServiceAnswer(name: "captain", url: "http://c:1", version: "1.0.0")],
            clocks: [ClockReading(source: "captain", ahead: .milliseconds(400))],
            disks: [DiskSpace(name: "store", path: "/s", freeBytes: 50 << 30, totalBytes: 100 << 30)],
            deadLetters: .known(DeadLetterFacts(count: 0)))
    }

    static var topics: [FoundTopic] {
        provision.plans.map { plan in
            FoundTopic(
                description: TopicDescription(
                    name: plan.name, partitions: Array(0..<plan.partitions), replicationFactor: 3),
                properties: plan.properties.merging(["min.insync.replicas": "2"]) { own, _ in own })
        }
    }

    static let group = GroupFacts(
        description: GroupDescription(
            name: "relay.pipeline.primary", state: .stable,
            members: [.init(client: "p", host: "/10.0.0.1", partitions: 8)]),
        backlogs: [.init(topic: "relay.legs.pipeline", records: 0, moved: true)])

    /// What the checks say of changed facts, apart from what is well.
    static func findings(_ change: (inout DoctorFacts) -> Void) -> [Check] {
        var facts = facts
        change(&facts)
        return checks(facts).filter { $0.severity != .ok }
    }

    static func checks(_ facts: DoctorFacts) -> [Check] {
        Diagnosis(facts, servers: ["k:9092"], provision: provision).checks
            // The version is that of the build.
            .filter { !($0.group == .versions && $0.finding.contains("is of version 1.0.0")) }
    }

    static func failure(_ code: KafkaError.Code, _ message: String = "because") -> KafkaError {
        KafkaError(code: code, operation: "try", message: message)
    }
}
