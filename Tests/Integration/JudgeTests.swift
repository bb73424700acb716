// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

/// What `relay judge --output json` says, decoded by code of its own.
struct SeenVerdict: Decodable, Sendable {
    struct Violation: Decodable, Sendable {
        var rule: String
        var kind: String
        var topic: String?
        var partition: Int?
        var offset: Int?
    }
    struct Rule: Decodable, Sendable {
        var rule: String
        var facts: Int
        var violations: Int
    }
    var passed: Bool
    var settled: Bool?
    var rules: [Rule]
    var violations: [Violation]

    func names(_ rule: String, _ kind: String, at place: KafkaOutside.Written) -> Bool {
        violations.contains {
            $0.rule == rule && $0.kind == kind && $0.topic == place.topic && $0.partition == place.partition
                && $0.offset == place.offset
        }
    }
}

extension WholeRelay {
    @Suite("A relay that is judged")
    struct Judged {
        @Test(
            "passes after a kill and a takeover, with its screen; forged decisions, states and entries are named",
            .timeLimit(.minutes(4)))
        func judged() async throws {
            try await TestRelay.with { relay in
                let baton = try await relay.release(try relay.project(), parameters: #"{"work.mebibytes":500}"#)
                try await relay.outside.publish("no json", to: "relay.inbox", headers: ["ce_id": "1"])
                try await relay.working(baton, at: "build")
                // Killed only once it was given up: one that is started again at once may be back within its second.
                try relay.signal("pipeline", SIGSTOP)
                _ = try await eventually(within: .seconds(30), "the takeover") {
                    try await relay.outside.journal(of: baton).contains {
                        $0["action"] as? String == "takeover-ordered"
                    } ? true : nil
                }
                try relay.signal("pipeline", SIGKILL)
                let seen = try await relay.finish(baton)
                #expect(seen.state.ending?.kind == "finished", "\(seen.state.ending?.reason ?? "")")

                let (legal, code) = try await relay.judge(["--until-settled", "60s", "--captain", relay.captain])
                #expect(code == 0, "\(legal)")
                #expect(legal.violations.isEmpty && legal.passed && legal.settled == true)
                #expect(legal.rules.filter { $0.facts == 0 }.map(\.rule) == [])

                // The ledger first: governance enters the forged decision too, and that entry is not the one to repeat.
                let entry = try await relay.outside.forge("relay.ledger", of: "") { $0.contains(baton) }
                let accepted = try await relay.outside.forge("relay.journal", of: baton) {
                    $0.contains(#""action":"handoff-accepted""#) && $0.contains(#""duty":"watch""#)
                }
                let state = try await relay.outside.forge("relay.batons", of: baton) { $0.contains("closing") }
                let (forged, forgedCode) = try await relay.judge([])
                #expect(forgedCode == 1 && !forged.passed)
                #expect(forged.names("handoffs", "accepted-twice", at: accepted), "\(forged.violations)")
                #expect(forged.names("course", "accepted-after-end", at: accepted), "\(forged.violations)")
                #expect(forged.names("states", "changed-after-end", at: state), "\(forged.violations)")
                #expect(forged.names("ledger", "gap", at: entry), "\(forged.violations)")
                #expect(forged.names("books", "entered-twice", at: entry), "\(forged.violations)")
            }
        }

        @Test("cannot be judged where there is none: exit code 2, with what to do", .timeLimit(.minutes(1)))
        func nowhere() async throws {
            let errors = Mutex<[String]>([])
            let report = try await TestRelay.command(
                ["judge", "--data-directory", FileManager.default.temporaryDirectory.path + "/nowhere"]
            ) { stream, line in
                if stream == .standardError { errors.withLock { $0.append(line) } }
            }
            #expect(report.status == .exited(2))
            #expect(errors.withLock { $0.joined() }.contains("relay up"))
        }
    }
}

extension TestRelay {
    /// Runs the operator's command line.
    static func command(
        _ arguments: [String], _ line: @escaping @Sendable (Command.Stream, String) -> Void
    ) async throws -> ExitReport {
        try await ChildProcess.run(
            Command(
                executable: binaries + "/relay", arguments: arguments, environment: environment,
                output: .lines(line)))
    }

    /// Judges this relay.
    func judge(_ options: [String]) async throws -> (SeenVerdict, code: Int) {
        let lines = Mutex<[String]>([])
        let report = try await Self.command(
            ["judge", "--bootstrap-servers", kafka, "--output", "json"] + options
        ) { _, line in lines.withLock { $0.append(line) } }
        guard case .exited(let code) = report.status, let line = lines.withLock({ $0.last }) else {
            throw NeverHappened(description: "relay judge: \(report.status) \(lines.withLock { $0 })")
        }
        return (try JSONDecoder().decode(SeenVerdict.self, from: Data(line.utf8)), code)
    }
}

extension KafkaOutside {
    /// Where a record was written.
    struct Written: Sendable {
        var topic: String
        var partition: Int
        var offset: Int
    }

    /// Writes a committed record of a topic once more, as it is, and in its partition.
    /// - Parameters:
    ///   - baton: the record's key.
    ///   - isWanted: looks at the value; the last one that it wants is written.
    func forge(_ topic: String, of baton: String, _ isWanted: (String) -> Bool) async throws -> Written {
        let lines = try await lines(of: topic, format: "%p\\t%k\\t%s\\n").map {
            $0.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        }
        let line = try #require(lines.last { (baton.isEmpty || $0[1] == baton) && isWanted($0[2]) })
        let headers = [
            "ce_specversion": "1.0", "ce_id": "forged", "ce_source": "forger", "ce_type": Self.types[topic] ?? "",
            "content-type": "application/json",
        ]
        try await publish(line[2], to: topic, headers: headers, options: ["-p", line[0], "-k", line[1]])
        // Not the last one of its partition: the relay goes on writing.
        let offsets = try await self.lines(of: topic, format: "%p\\t%o\\t%h\\n").compactMap { text -> Int? in
            let parts = text.split(separator: "\t").map(String.init)
            return parts[0] == line[0] && parts[2].contains("ce_id=forged") ? Int(parts[1]) : nil
        }
        return Written(
            topic: topic, partition: try #require(Int(line[0])), offset: try #require(offsets.max()))
    }

    private static let types = [
        "relay.journal": "relay.journal.written.v1", "relay.batons": "relay.baton.changed.v1",
        "relay.ledger": "relay.ledger.appended.v1",
    ]
}
