// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Testing

@testable import Doctor
@testable import RelayClients
@testable import RelayCommands

@Suite("What the doctor makes of facts")
struct CheckTests {
    /// The only finding that a change brings about.
    private func finding(_ change: (inout DoctorFacts) -> Void) throws -> Check {
        let findings = Healthy.findings(change)
        try #require(findings.count == 1, "\(findings)")
        return findings[0]
    }

    private func group(_ change: (inout GroupFacts) -> Void) throws -> Check {
        var group = Healthy.group
        change(&group)
        return try finding { $0.groups = .known([group]) }
    }

    private func step(_ code: KafkaError.Code) throws -> Check {
        try finding {
            $0.probes[0].steps[0] = .init(name: "read relay.inbox", failure: Healthy.failure(code))
        }
    }

    @Test("a healthy relay has no findings, and the exit code 0")
    func healthy() {
        #expect(Healthy.findings { _ in } == [])
        #expect(Diagnosis(Healthy.facts, servers: ["k:1"], provision: Healthy.provision).exitCode == 0)
    }

    @Test("without a cluster the exit code is 2, and only what needs no Kafka is told")
    func noCluster() {
        var facts = Healthy.facts
        facts.cluster = .unknown("Connection refused")
        let diagnosis = Diagnosis(facts, servers: ["k:9092"], provision: Healthy.provision)
        #expect(diagnosis.exitCode == 2)
        #expect(diagnosis.checks.first?.finding == "no broker answered: Connection refused")
        #expect(Set(diagnosis.checks.map(\.group)) == [.cluster, .versions, .clock, .disk])
    }

    @Test("a broken chain of the ledger is a problem, and what governance says of it is told")
    func brokenChain() throws {
        let words =
            "chain 3 of the ledger is broken since 2026-11-30T22:00:00.000Z at offset 41: it is not a ledger entry"
        let found = try finding {
            $0.services[0].ledger = .init(words: words, isBroken: true)
        }
        #expect((found.group, found.severity, found.finding) == (.ledger, .problem, words))
        #expect(found.remedy?.contains("relay ledger quarantine") == true)
    }

    @Test("a problem makes the exit code 1, a warning does not")
    func exitCodes() {
        var facts = Healthy.facts
        facts.deadLetters = .known(DeadLetterFacts(count: 1))
        #expect(Diagnosis(facts, servers: ["k:1"], provision: Healthy.provision).exitCode == 0)
        facts.topics = .known([])
        #expect(Diagnosis(facts, servers: ["k:1"], provision: Healthy.provision).exitCode == 1)
    }

    @Test("a cluster without a controller, and an address that cannot be used, are problems")
    func cluster() throws {
        let controller = try finding {
            $0.cluster = .known(ClusterDescription(brokers: [], controller: nil, topics: []))
        }
        #expect(controller.severity == .problem && controller.name == "controller")
        let address = try finding { $0.unreachable = [1: "Name or service not known"] }
        #expect(address.severity == .problem)
        #expect(address.finding.contains("kafka-1:9092") && address.finding.contains("Name or service not known"))
        #expect(address.remedy?.contains("advertised.listeners") == true)
    }

    @Test("transactions that nobody can use are a problem of the cluster")
    func transactions() {
        let findings = Healthy.findings {
            $0.probes[0].steps[1] = .init(
                name: ServiceProbe.transactionalIDStep, failure: Healthy.failure(.coordinatorUnavailable))
        }
        #expect(findings.contains { $0.group == .cluster && $0.name == "transactions" && $0.severity == .problem })
    }

    @Test("topics: differences, lost leaders, copies that lag, and writes that one broker acknowledges")
    func topics() throws {
        func change(_ body: (inout FoundTopic) -> Void) throws -> Check {
            try finding { facts in
                var topics = Healthy.topics
                body(&topics[0])
                facts.topics = .known(topics)
            }
        }
        #expect(try change { $0.description.partitions = [0] }.finding.contains("planned 8, found 1"))
        #expect(try change { $0.description.leaderless = [2] }.severity == .problem)
        #expect(try change { $0.description.underReplicated = [2, 3] }.finding.contains("2, 3"))
        #expect(try change { $0.properties["min.insync.replicas"] = "1" }.severity == .warning)
        #expect(try finding { $0.topics = .unknown("no answer") }.severity == .unknown)
    }

    @Test("permissions: refused, not known, not there, and not answered are told apart")
    func permissions() throws {
        #expect(try step(.notAuthorised).finding.contains("refuses"))
        #expect(try step(.notAuthorised).name == "pipeline: read relay.inbox")
        #expect(try step(.authenticationFailed).finding.contains("credentials"))
        #expect(try step(.unknownTopicOrPartition).remedy?.contains("relay topics apply") == true)
        #expect(try step(.timedOut).severity == .unknown)
        #expect(try step(.invalidConfiguration).severity == .problem)
    }

    @Test("groups: absent, empty, rebalancing, with idle members, and not described")
    func groups() throws {
        #expect(try group { $0.description.state = .dead }.finding.contains("does not exist"))
        let empty = try group {
            $0.description = GroupDescription(name: "g", state: .empty, members: [])
            $0.backlogs[0].records = 7
        }
        #expect(empty.severity == .problem && empty.finding == "has no members; 7 records wait")
        #expect(try group { $0.description.state = .preparingRebalance }.severity == .warning)
        #expect(try group { $0.description.members[0].partitions = 0 }.severity == .warning)
        #expect(try group { $0.description.failure = Healthy.failure(.notAuthorised) }.severity == .unknown)
        #expect(try group { $0.description.state = .unknown }.severity == .unknown)
        #expect(try finding { $0.groups = .unknown("no answer") }.severity == .unknown)
    }

    @Test("a group that stands still is a problem, unless its work reports progress or it has moved")
    func stuck() throws {
        let stuck = try group { $0.backlogs[0] = .init(topic: "t", records: 3, moved: false) }
        #expect(stuck.severity == .problem && stuck.finding.hasPrefix("stands still: 3 records"))
        var group = Healthy.group
        group.backlogs[0] = .init(topic: "t", records: 3, moved: false)
        group.isAtWork = true
        #expect(Healthy.findings { $0.groups = .known([group]) } == [])
        group.backlogs[0].moved = true
        group.isAtWork = false
        #expect(Healthy.findings { $0.groups = .known([group]) } == [])
    }

    @Test("services: silent, not ready, and of another version")
    func versions() throws {
        func answer(_ version: String?, _ problems: [String]) throws -> Check {
            try finding {
                $0.services = [ServiceAnswer(name: "deploy", url: "http://d:1", version: version, problems: problems)]
            }
        }
        #expect(try answer(nil, ["refused"]).finding == "does not answer: refused")
        #expect(try answer("1.0.0", ["race: joining"]).finding == "is not ready: race: joining")
        #expect(try answer("0.0.1", []).severity == .warning)
        #expect(try answer(ServiceAnswer.untoldVersion, []).finding.contains("does not tell"))
    }

    @Test("a clock more than 2 s off is a warning; an old record says nothing about a clock behind")
    func clocks() throws {
        func clock(_ ahead: Duration, isLive: Bool = true) -> [Check] {
            Healthy.findings { $0.clocks = [ClockReading(source: "captain", ahead: ahead, isLive: isLive)] }
        }
        #expect(clock(.milliseconds(2_100)).first?.finding == "is 2.1 s ahead of this machine's clock")
        #expect(clock(.milliseconds(-2_100)).first?.finding == "is 2.1 s behind this machine's clock")
        #expect(clock(.milliseconds(1_900)) == [])
        #expect(clock(.seconds(-3_600), isLive: false) == [])
        #expect(clock(.seconds(3), isLive: false).first?.severity == .warning)
    }

    @Test("less than a tenth, or less than a gibibyte, is little room")
    func disks() {
        func disk(_ free: Int64, of total: Int64) -> Check.Severity? {
            Healthy.findings { $0.disks = [DiskSpace(name: "d", path: "/d", freeBytes: free, totalBytes: total)] }
                .first?.severity
        }
        #expect(disk(9 << 30, of: 100 << 30) == .warning)
        #expect(disk(1 << 29, of: 1 << 30) == .warning)
        #expect(disk(20 << 30, of: 100 << 30) == nil)
    }

    @Test("dead letters are counted, with the newest reason")
    func deadLetters() throws {
        let check = try finding {
            $0.deadLetters = .known(
                DeadLetterFacts(count: 3, isMore: true, newestReason: "no id", newestTopic: "relay.inbox"))
        }
        #expect(check.finding == "more than 3; the newest: no id (from relay.inbox)")
        #expect(try finding { $0.deadLetters = .unknown("no answer") }.severity == .unknown)
    }

    @Test("the version is read from the metrics, and a clock from an HTTP date")
    func reading() {
        let metrics = "# TYPE relay_build_info gauge\nrelay_build_info{version=\"1.2.3\"} 1\n"
        #expect(LifeExamination.version(in: metrics) == "1.2.3")
        #expect(LifeExamination.version(in: "up 1\n") == nil)
        let moment = Timestamp(milliseconds: 784_111_777_500)
        #expect(
            LifeExamination.clock("Sun, 06 Nov 1994 08:49:37 GMT", asked: moment, heard: moment) == .zero)
        #expect(LifeExamination.clock("yesterday", asked: moment, heard: moment) == nil)
        #expect(LifeExamination.clock(nil, asked: moment, heard: moment) == nil)
    }

    @Test("every service is known, and none that the suite does not have")
    func services() {
        #expect(ServiceAccess.services.allSatisfy { ServiceAccess($0, Topics()) != nil })
        #expect(ServiceAccess("lane", Topics()) == nil)
        #expect(ServiceAccess("governance", Topics())?.groups.count == 3)
    }
}
