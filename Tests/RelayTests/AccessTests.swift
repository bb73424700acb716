// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Kafka
import Testing

@testable import RelayClients
@testable import TopicAdministration

@Suite("Comparing and adding rules of access", .timeLimit(.minutes(1)))
struct AccessTests {
    private let read = AccessRule(principal: "User:a", .read, on: .topic, "relay.inbox", .literal)

    private func plan(_ found: [AccessRule]) -> AccessPlan {
        AccessPlan(table: [read], found: found, prefix: "relay.")
    }

    private func report(_ plan: AccessPlan, dryRun: Bool = false) throws -> AccessReport {
        let table = try AccessTable("a\ttopic\trelay.inbox\tliteral\tread", prefix: "relay.")
        return AccessReport(plan, of: table, dryRun: dryRun, bootstrapServers: ["k:1"])
    }

    @Test("a line of the table is a rule for each operation, and its names take the relay's prefix")
    func lines() throws {
        let table = try AccessTable(
            "# user kind\n\na\ttopic\trelay.inbox\tliteral\tread,describe-configs\n"
                + "b\ttransactional-id\trelay.b.\tprefixed\twrite\n", prefix: "team.")
        #expect(
            table.rules == [
                AccessRule(principal: "User:a", .read, on: .topic, "team.inbox", .literal),
                AccessRule(principal: "User:a", .describeConfigs, on: .topic, "team.inbox", .literal),
                AccessRule(principal: "User:b", .write, on: .transactionalID, "team.b.", .prefixed),
            ])
    }

    @Test("everything that is wrong in a table is named with its line")
    func malformed() {
        let error = #expect(throws: AccessTable.Malformed.self) {
            try AccessTable(
                "a\ttopik\tx\tliteral\tread\na\ttopic\tx\tliteral\n"
                    + "b\ttopic\tx\tliteral\tread\nb\ttopic\tx\tliteral\tread,eat",
                prefix: "relay.")
        }
        #expect(
            error?.problems.map { String($0.prefix(24)) } == [
                "line 1: there is no kind", "line 2: five fields betw", "line 4: there is no oper",
            ])
    }

    @Test("a rule that is told twice is refused")
    func twice() {
        let error = #expect(throws: AccessTable.Malformed.self) {
            try AccessTable("a\ttopic\tx\tliteral\tread\na\ttopic\tx\tliteral\tread", prefix: "relay.")
        }
        #expect(error?.problems == ["line 2: this was said before"])
    }

    @Test("a rule that the cluster does not have is missing, one that it has is not")
    func missing() {
        #expect(plan([]) == AccessPlan(missing: [read], surplus: []))
        #expect(plan([read]) == AccessPlan(missing: [], surplus: []))
    }

    @Test(
        "what a user of the table may do beyond it, or is refused, is surplus",
        arguments: [
            AccessRule(principal: "User:a", .write, on: .topic, "relay.inbox", .literal),
            AccessRule(.deny, principal: "User:a", .read, on: .topic, "relay.inbox", .literal),
            AccessRule(principal: "User:a", from: "10.0.0.1", .read, on: .topic, "relay.inbox", .literal),
            AccessRule(principal: "User:a", .all, on: .topic, "*", .literal),
            AccessRule(principal: "User:a", .read, on: .group, "re", .prefixed),
            AccessRule(principal: "User:a", .alter, on: .cluster, "kafka-cluster", .literal),
            AccessRule(.deny, principal: "User:*", .read, on: .topic, "relay.inbox", .literal),
        ])
    func surplus(rule: AccessRule) {
        #expect(plan([read, rule]) == AccessPlan(missing: [], surplus: [rule]))
    }

    @Test(
        "rules of other users, and about names that are not the relay's, are nobody's business",
        arguments: [
            AccessRule(principal: "User:scheduler", .write, on: .topic, "relay.inbox", .literal),
            AccessRule(principal: "User:a", .write, on: .topic, "orders", .literal),
            AccessRule(principal: "User:a", .read, on: .group, "other.", .prefixed),
        ])
    func others(rule: AccessRule) {
        #expect(plan([read, rule]) == AccessPlan(missing: [], surplus: []))
    }

    @Test("what was added is said, and all is as the table says")
    func added() throws {
        let report = try report(plan([]))
        #expect(!report.isOff)
        #expect(report.lines.last == "1 rules are as the table says, 1 of them new")
    }

    @Test("a dry run says what would be added, and that it is not as the table says")
    func dryRun() throws {
        let report = try report(plan([]), dryRun: true)
        #expect(report.isOff)
        #expect(report.lines.last == "of 1 rules 1 would be added; nothing was changed")
    }

    @Test("a surplus rule is shown with the command that removes it")
    func removal() throws {
        let surplus = AccessRule(
            .deny, principal: "User:a", .describeConfigs, on: .transactionalID, "relay.a.", .prefixed)
        let report = try report(plan([read, surplus]))
        #expect(report.isOff)
        #expect(
            report.differences.map(\.command) == [
                "kafka-acls.sh --bootstrap-server k:1 --remove --deny-principal 'User:a' --deny-host '*' "
                    + "--operation DescribeConfigs --transactional-id 'relay.a.' --resource-pattern-type prefixed"
            ])
        #expect(report.lines.last == "1 rules are not as the table says; nothing was removed")
    }

    @Test("a missing rule that librdkafka cannot add is shown with the command that adds it")
    func unaddable() throws {
        let rule = AccessRule(principal: "User:a", .write, on: .transactionalID, "relay.a.", .prefixed)
        let plan = AccessPlan(table: [read, rule], found: [], isAddable: { $0 == .topic }, prefix: "relay.")
        #expect(plan == AccessPlan(missing: [read], unaddable: [rule], surplus: []))
        let report = try report(plan)
        #expect(report.isOff)
        #expect(report.created.map(\.name) == ["relay.inbox"])
        #expect(report.differences.map(\.kind) == [.missing])
        #expect(report.differences.first?.command.contains("--add --allow-principal 'User:a'") == true)
        #expect(report.lines.last == "1 rules are not as the table says, 1 of them new; nothing was removed")
    }

    @Test("the table that compose applies can be read, and names no rule twice")
    func composeTable() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../compose/secure/access.tsv")
        let table = try AccessTable(String(contentsOf: file, encoding: .utf8), prefix: "relay.")
        #expect(table.rules.contains { $0.resource == .transactionalID })
    }

    @Test(
        "brokers without an authorizer are told in words, also when nothing would be changed", arguments: [true, false])
    func noAuthorizer(dryRun: Bool) async throws {
        try await RelayBench.with { bench in
            let table = try AccessTable("a\ttopic\trelay.inbox\tliteral\tread", prefix: "relay.")
            let keeper = AccessKeeper(access: bench.access, table: table, limit: TimeLimit(.seconds(30)))
            let error = await #expect(throws: KafkaError.self) {
                _ = try await dryRun ? keeper.look() : keeper.apply()
            }
            #expect(error?.code == .securityDisabled)
            #expect(error?.description.contains("No authorizer is configured") == true)
            #expect(error?.description.contains("SECURITY_DISABLED") == true)
        }
    }
}
