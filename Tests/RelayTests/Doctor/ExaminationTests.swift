// SPDX-License-Identifier: Apache-2.0

import Baton
import EmbeddedBroker
import Kafka
import LegRuntime
import Testing

@testable import Doctor
@testable import RelayClients

@Suite("The doctor at a broker on which things are really broken", .timeLimit(.minutes(2)))
struct ExaminationTests {
    private let provision = TopicProvision(topics: Topics())

    private func examination(_ bench: RelayBench) -> ClusterExamination {
        ClusterExamination(access: bench.access, provision: provision, limit: TimeLimit(.seconds(30)))
    }

    private func probe(_ service: String, _ bench: RelayBench) async throws -> ServiceProbe {
        let access = try #require(ServiceAccess(service, bench.access.topics))
        return await AccessProbe(access: access, kafka: bench.access, limit: TimeLimit(.seconds(30))).run()
    }

    /// Makes every topic of the suite but one, and one with a single partition.
    private func makeTopics(_ bench: RelayBench, but missing: String, single: String) async throws {
        var specifications = provision.missing(in: []).filter { $0.name != missing }
        for index in specifications.indices where specifications[index].name == single {
            specifications[index].partitions = 1
        }
        try await bench.create(specifications)
    }

    @Test("a missing topic, other partitions and groups without members are found, each where it belongs")
    func broken() async throws {
        try await RelayBench.with { bench in
            let topics = bench.access.topics
            try await makeTopics(bench, but: topics.usage, single: topics.journal)
            let examination = examination(bench)
            let facts = DoctorFacts(
                cluster: await examination.cluster(), topics: await examination.topics(),
                probes: [try await probe("pipeline", bench), try await probe("monitor", bench)],
                groups: await examination.groups(isAtWork: false), deadLetters: await examination.deadLetters())
            let diagnosis = Diagnosis(facts, servers: bench.access.kafka.bootstrapServers, provision: provision)
            func has(_ group: Check.Group, _ name: String) -> Bool {
                diagnosis.checks.contains { $0.group == group && $0.name == name && $0.severity == .problem }
            }
            #expect(diagnosis.exitCode == 1)
            #expect(has(.topics, "\(topics.usage) topic"))
            #expect(has(.topics, "\(topics.journal) partitions"))
            #expect(has(.permissions, "pipeline: see its topics"))
            #expect(has(.groups, topics.group(.pipeline, .primary)))
            #expect(has(.groups, topics.ledgerGroup))
            #expect(diagnosis.checks.contains { $0.group == .cluster && $0.name == "controller" && $0.severity == .ok })
        }
    }

    @Test("an advertised address that nobody listens at is found")
    func unreachable() async throws {
        try await RelayBench.with {
            $0.listeners[0].advertised = BoundAddress(host: "127.0.0.1", port: 1)
        } _: { bench in
            let examination = ClusterExamination(
                access: bench.access, provision: provision, limit: TimeLimit(.seconds(2)))
            let cluster = try #require(await examination.cluster().value)
            #expect(cluster.brokers.map(\.port) == [1])
            let reasons = await examination.unreachable(cluster)
            #expect(reasons.values.first?.contains("refused") == true, "\(reasons)")
        }
    }

    @Test("probes of every service work on a broker that allows all, and leave nothing for readers")
    func probes() async throws {
        try await RelayBench.with { bench in
            try await makeTopics(bench, but: "", single: "")
            for service in ServiceAccess.services {
                let probe = try await probe(service, bench)
                #expect(probe.steps.filter { $0.failure != nil } == [], "\(service)")
            }
            let examination = examination(bench)
            for plan in provision.plans {
                let partition = TopicPartition(topic: plan.name, partition: 0)
                let end = try await bench.access.withAdmin { try await $0.reach(of: [partition]).ends[partition] }
                let records = try await examination.records(in: partition, from: 0, to: end ?? 0)
                #expect(records == [])
            }
            #expect(await examination.deadLetters() == .known(DeadLetterFacts(count: 0)))
        }
    }

    @Test("records that wait for a group without members are counted, markers are not")
    func waiting() async throws {
        try await RelayBench.with { bench in
            try await makeTopics(bench, but: "", single: "")
            let producer = try KafkaProducer(bench.access.kafka, logger: RelayBench.silent)
            for partition: Int32 in [0, 1] {
                _ = try await producer.send(
                    ProducerRecord(topic: bench.access.topics.inbox, partition: partition, key: nil, value: [1]))
            }
            await producer.close(timeout: .seconds(5))
            _ = try await probe("captain", bench)
            let groups = try #require(await examination(bench).groups(isAtWork: false).value)
            let intake = try #require(groups.first { $0.description.name == "relay.captain.intake" })
            #expect(intake.backlogs.map(\.records) == [2])
            #expect(groups.filter { $0 != intake }.allSatisfy { $0.backlogs.allSatisfy { $0.records == 0 } })
        }
    }

    @Test("without a broker the reason is the one that the client reports")
    func nobody() async {
        let kafka = KafkaConfiguration(bootstrapServers: ["127.0.0.1:1"], clientID: "relay-test")
        let examination = ClusterExamination(
            access: KafkaAccess(kafka: kafka, topics: Topics()), provision: provision, limit: TimeLimit(.seconds(1)))
        guard case .unknown(let reason) = await examination.cluster() else {
            Issue.record("a cluster was found where there is none")
            return
        }
        #expect(reason.contains("refused"))
    }
}
