// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Testing

@testable import Doctor

@Suite("The table of rights in Kafka that compose applies")
struct AccessTableTests {
    struct Right: Hashable, CustomStringConvertible {
        let user: String
        let kind: String
        let name: String
        let pattern: String
        let operations: String

        init(_ user: String, _ kind: String, _ name: String, _ operations: String, pattern: String = "literal") {
            self.user = user
            self.kind = kind
            self.name = name
            self.pattern = pattern
            self.operations = operations
        }

        var description: String { "\(user) \(kind) \(name) \(pattern) \(operations)" }
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private let topics = Topics()

    private func table() throws -> [Right] {
        let file = Self.root.appending(path: "compose/secure/access.tsv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        return try lines.filter { !$0.hasPrefix("#") }.map { line in
            let fields = line.split(separator: "\t").map(String.init)
            try #require(fields.count == 5, "\(line)")
            return Right(fields[0], fields[1], fields[2], fields[4], pattern: fields[3])
        }
    }

    private func rights(of access: ServiceAccess) -> [Right] {
        let user = access.service
        let named = Set(access.reads + access.writes).map { topic in
            let operations = [("read", access.reads), ("write", access.writes)].filter { $0.1.contains(topic) }
            return Right(user, "topic", topic, operations.map(\.0).joined(separator: ","))
        }
        let groups = access.groups.map { Right(user, "group", $0.name, "read") }
        return named + groups + [
            Right(user, "topic", topics.prefix, "describe", pattern: "prefixed"),
            Right(user, "group", topics.readerGroup(user), "describe"),
            Right(user, "transactional-id", "\(topics.prefix)\(user).", "describe,write", pattern: "prefixed"),
        ]
    }

    @Test("a service has the rights that it needs, and no other", arguments: ServiceAccess.services)
    func services(name: String) throws {
        let access = try #require(ServiceAccess(name, topics))
        let (granted, needed) = (Set(try table().filter { $0.user == name }), Set(rights(of: access)))
        #expect(granted.subtracting(needed) == [], "rights that nobody needs")
        #expect(needed.subtracting(granted) == [], "rights that are missing")
    }

    @Test("people and what makes topics are the only other users, and no right is told twice")
    func others() throws {
        let table = try table()
        #expect(Set(table.map(\.user)).subtracting(ServiceAccess.services) == ["operator", "topics"])
        #expect(Set(table.map { "\($0.user) \($0.kind) \($0.name)" }).count == table.count)
        let written = table.filter { $0.user == "operator" && $0.kind == "topic" && $0.operations.contains("write") }
        #expect(Set(written.map(\.name)) == [topics.inbox, topics.deadLetters])
        #expect(table.filter { $0.operations.contains("create") }.map(\.user) == ["topics"])
    }

    @Test("what a service's code names is what its access names", arguments: ServiceAccess.services)
    func code(name: String) throws {
        let access = try #require(ServiceAccess(name, topics))
        let own = try named(in: "Services/\(name.capitalized)", by: name)
        let shared = try named(in: "Shared/LegRuntime", by: name)
        let declared = Set(access.reads + access.writes)
        #expect(own.subtracting(declared) == [], "named by the code alone")
        // A captain is no leg: of the runtime it shares what processes records.
        let common = name == "captain" ? [topics.deadLetters] : shared
        #expect(declared.subtracting(own.union(common)) == [], "named by the access alone")
    }

    /// The topics that the sources of a directory name as `topics.<name>`.
    private func named(in directory: String, by service: String) throws -> Set<String> {
        let legs = Leg(rawValue: service).map { [$0] } ?? Leg.allCases
        let names: [String: [String]] = [
            "inbox": [topics.inbox], "batonEvents": [topics.batonEvents], "batons": [topics.batons],
            "progress": [topics.progress], "journal": [topics.journal], "releases": [topics.releases],
            "predictions": [topics.predictions], "outcomes": [topics.outcomes], "signals": [topics.signals],
            "usage": [topics.usage], "ledger": [topics.ledger], "deadLetters": [topics.deadLetters],
            "leg": legs.map(topics.leg),
        ]
        let place = Self.root.appending(path: directory)
        let files = try #require(FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil))
        var found: Set<String> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: /topics\.([a-zA-Z]+)/) {
                found.formUnion(names[String(match.1)] ?? [])
            }
        }
        return found
    }
}
