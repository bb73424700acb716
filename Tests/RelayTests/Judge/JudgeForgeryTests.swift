// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Testing

@testable import JudgeRules

@Suite("Broken rules")
struct JudgeForgeryTests {
    static let all =
        JudgeForgery.requests + JudgeForgery.handoffs + JudgeForgery.orders + JudgeForgery.answers
        + JudgeForgery.superseded + JudgeForgery.states + JudgeForgery.endings + JudgeForgery.releases
        + JudgeForgery.watches + JudgeForgery.ledger + JudgeForgery.books + JudgeForgery.deadLetters

    /// Made once: it takes longer than to judge it.
    static let cast = Result { try JudgeHistory.Cast() }

    @Test("are named with their place, in whatever order the topics are read", arguments: all)
    func found(forgery: JudgeForgery) throws {
        var cast = try Self.cast.get()
        let place = try forgery.forge(&cast)
        for seed in 0..<2 as Range<UInt64> {
            let violations = cast.history.world.violations(forgery.measure, seed: seed)
            let named = violations.contains {
                $0.rule == forgery.rule && $0.kind == forgery.kind && $0.place == place && !$0.found.isEmpty
                    && !$0.expected.isEmpty
            }
            #expect(named, "\(place) in \(violations.map { "\($0.rule)/\($0.kind) \($0.place as Any)" })")
        }
    }

    @Test("are broken by a test each, every kind that a rule can name")
    func complete() throws {
        let rules =
            URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path + "/Services/Relay/JudgeRules/Rules"
        var named: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: rules) {
            let text = try String(contentsOfFile: "\(rules)/\(file)", encoding: .utf8)
            let calls = text.matches(
                of: /(?:note|noteMissing|await|misstep|nameless|append)\(\s*\(?\s*"([a-z]+(?:-[a-z]+)+|[a-z]+)",?/)
            named.formUnion(calls.map { String($0.1) })
        }
        // Kinds that are put together, and those of the rules that take more than records.
        named.formUnion([
            "takeover-nameless", "takeover-without-reason", "takeover-not-out", "retry-nameless",
            "retry-without-reason", "retry-not-out", "superseded-result", "result-from-nowhere", "superseded-usage",
            "usage-from-nowhere", "duty-out-of-order", "attempt-miscounted", "wrong-lane",
        ])
        #expect(named.count > 80)
        let seeded = Set(Self.all.map(\.kind)).union(JudgeScreenTests.kinds).union(["cut-off"])
        #expect(named.subtracting(seeded).subtracting(["result", "usage"]).sorted() == [])
    }

    @Test("by a ledger that was cut off in front are named at the first entry that is left")
    func cutOff() throws {
        let place = Place(channel: .ledger, partition: 0, offset: 3)
        let judgements = try JudgeHistory.Cast().history.world.judgements(forgotten: [place])
        let found = judgements.flatMap(\.verdict.violations).contains { $0.kind == "cut-off" && $0.place == place }
        #expect(found)
    }
}
