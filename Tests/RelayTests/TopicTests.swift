// SPDX-License-Identifier: Apache-2.0

import Baton
import EmbeddedBroker
import Foundation
import Kafka
import LegRuntime
import Testing

@testable import RelayClients
@testable import TopicAdministration

@Suite("Making and checking topics", .timeLimit(.minutes(2)))
struct TopicTests {
    private let topics = Topics()

    /// Every topic as planned, with this many copies.
    private func asPlanned(_ provision: TopicProvision, copies: Int = 1) -> [FoundTopic] {
        provision.plans.map { plan in
            FoundTopic(
                description: TopicDescription(
                    name: plan.name, partitions: Array(0..<plan.partitions), replicationFactor: copies),
                properties: plan.properties)
        }
    }

    private func changed(
        _ name: String, _ provision: TopicProvision, copies: Int = 1, _ change: (inout FoundTopic) -> Void
    ) -> [FoundTopic] {
        var found = asPlanned(provision, copies: copies)
        for index in found.indices where found[index].description.name == name { change(&found[index]) }
        return found
    }

    @Test("topics as planned have no differences, in whatever order their clean-up is written")
    func agree() {
        let provision = TopicProvision(topics: topics, replication: 3)
        #expect(provision.differences(asPlanned(provision, copies: 3)) == [])
    }

    @Test("the cluster's own default of copies is no difference")
    func defaultCopies() {
        let provision = TopicProvision(topics: topics)
        #expect(provision.differences(asPlanned(provision, copies: 2)) == [])
    }

    @Test("a missing topic, other partitions, fewer copies and another configuration are told apart")
    func differences() {
        let provision = TopicProvision(topics: topics, replication: 3)
        var found = asPlanned(provision, copies: 3)
        found.removeAll { $0.description.name == topics.inbox }
        for index in found.indices {
            switch found[index].description.name {
            case topics.journal: found[index].description.partitions = [0, 1]
            case topics.batons: found[index].properties["cleanup.policy"] = "delete"
            case topics.ledger: found[index].properties["retention.ms"] = "604800000"
            case topics.usage: found[index].description.replicationFactor = 1
            default: break
            }
        }
        #expect(
            provision.differences(found) == [
                TopicDifference(topic: topics.inbox, property: .existence, planned: "exists", found: "missing"),
                TopicDifference(
                    topic: topics.batons, property: .configuration("cleanup.policy"), planned: "compact",
                    found: "delete"),
                TopicDifference(topic: topics.journal, property: .partitions, planned: "8", found: "2"),
                TopicDifference(topic: topics.usage, property: .replication, planned: "3", found: "1"),
                TopicDifference(
                    topic: topics.ledger, property: .configuration("retention.ms"), planned: "-1", found: "604800000"),
            ])
    }

    @Test("a write that waits for more copies than there are is a difference")
    func minimumInSync() {
        let provision = TopicProvision(topics: topics)
        let found = changed(topics.inbox, provision) { $0.properties["min.insync.replicas"] = "2" }
        #expect(provision.differences(found).map(\.planned) == ["at most 1"])
    }

    @Test("advice names the topic, the server and the planned value")
    func advice() throws {
        let advice = TopicAdvice(bootstrapServers: ["k:9092"])
        let fewer = TopicDifference(topic: "t", property: .partitions, planned: "8", found: "4")
        #expect(
            advice.command(fewer) == "kafka-topics.sh --bootstrap-server k:9092 --alter --topic t --partitions 8")
        let retention = TopicDifference(
            topic: "t", property: .configuration("retention.ms"), planned: "-1", found: "1000")
        #expect(try #require(advice.command(retention)).hasSuffix("--entity-name t --add-config retention.ms=-1"))
        #expect(advice.meaning(retention).contains("earlier"))
    }

    @Test("partitions cannot be taken away, so no command is made up for it")
    func morePartitions() {
        let difference = TopicDifference(topic: "t", property: .partitions, planned: "4", found: "8")
        let advice = TopicAdvice(bootstrapServers: ["k:9092"])
        #expect(advice.command(difference) == nil)
        #expect(advice.meaning(difference).contains("RELAY_CONTROL_PARTITIONS to 8"))
    }

    @Test("what means the same for many topics is said once")
    func grouped() {
        let differences = ["a", "b"].map {
            TopicDifference(topic: $0, property: .replication, planned: "3", found: "1")
        }
        let report = TopicReport(
            created: [], checked: 16, differences: differences, advice: TopicAdvice(bootstrapServers: ["k:1"]))
        #expect(report.lines.filter { $0.contains("fewer copies") }.count == 1)
        #expect(report.lines.contains { $0.hasPrefix("2 topics, replication") })
    }

    @Test("a first apply makes all topics, a second finds nothing to do, and a changed topic stays as it is")
    func apply() async throws {
        try await RelayBench.with { bench in
            try await bench.create([TopicSpecification(name: "relay.inbox", partitions: 3, replicationFactor: 1)])
            let keeper = TopicKeeper(
                access: bench.access, provision: TopicProvision(topics: topics), limit: TimeLimit(.seconds(60)))
            let first = try await keeper.apply()
            #expect(first.created.count == 15)
            #expect(first.differences.map(\.topic) == ["relay.inbox"])
            #expect(first.differences.map(\.found) == ["3"])
            let second = try await keeper.apply()
            #expect(second.created == [])
            #expect(second.differences == first.differences)
            let list = try await keeper.list()
            #expect(list.first { $0.topic == "relay.inbox" }?.partitions == 3)
            #expect(list.allSatisfy { $0.records == 0 })
        }
    }

    @Test("without a broker, apply gives up when its time is over and says why")
    func nobody() async throws {
        let kafka = KafkaConfiguration(bootstrapServers: ["127.0.0.1:1"], clientID: "relay-test")
        let keeper = TopicKeeper(
            access: KafkaAccess(kafka: kafka, topics: topics), provision: TopicProvision(topics: topics),
            limit: TimeLimit(.seconds(1)))
        let failure = try await #require(throws: RelayFailure.self) { _ = try await keeper.apply() }
        #expect(failure.reason.contains("within 1s at 127.0.0.1:1"))
        #expect(failure.reason.contains("refused"))
    }
}
