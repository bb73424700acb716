// SPDX-License-Identifier: Apache-2.0

import Baton
import TestSupport

@testable import Ledger

enum Samples {
    static let noon = Timestamp(milliseconds: 1_764_072_000_000)

    static func baton(_ number: Int) -> BatonID { BatonID(source: "tests", id: "\(number)") }

    static func journal(
        _ id: String, _ baton: BatonID, _ action: JournalEntry.Action = .decided, actor: String = "captain"
    ) -> JournalEntry {
        JournalEntry(id: id, baton: baton, action: action, actor: actor, reason: "because \"/é\"", at: noon)
    }

    static func usage(
        _ id: String, _ baton: BatonID, _ amount: Double = 1.5, _ resource: Usage.Resource = .cpuSeconds,
        at time: Timestamp = noon
    ) -> Usage {
        Usage(id: id, resource: resource, amount: amount, baton: baton, leg: .pipeline, measuredAt: time)
    }

    static func origin(_ partition: Int32, _ offset: Int64) -> LedgerEntry.Origin {
        LedgerEntry.Origin(topic: "relay.journal", partition: partition, offset: offset)
    }

    static func dollars(_ micros: Int64) -> Money { Money(micros: micros, currency: "USD") }

    /// A fact of either kind; ids repeat now and then.
    static func fact(_ generator: inout SeededGenerator) -> LedgerEntry.Fact {
        let number = Int.random(in: 0..<60, using: &generator)
        let baton = baton(number % 5)
        if number.isMultiple(of: 2) {
            return .journal(journal("j\(number)", baton, .requested), account: number % 4 == 0 ? "research" : nil)
        }
        let amount = Double.random(in: 0...1000, using: &generator)
        return .usage(usage("u\(number)", baton, amount), price: dollars(Int64(amount)))
    }

    /// Values as they would lie in a partition of the ledger, from offset 0.
    static func records(_ values: [[UInt8]], chain: String = "3") -> [LedgerRecord] {
        values.enumerated().map {
            LedgerRecord(chain: chain, offset: Int64($0), value: $1, writtenAt: noon + .seconds($0))
        }
    }

    static func records(_ entries: [LedgerEntry]) -> [LedgerRecord] { records(entries.map { JSON.encode($0) }) }

    /// What a chain of random facts makes of itself.
    static func chain(_ partition: Int32 = 3, length: Int, seed: UInt64 = 1) -> [LedgerEntry] {
        var generator = SeededGenerator(seed: seed)
        var chains = LedgerChains()
        chains.hold(partition)
        var entries: [LedgerEntry] = []
        var offset: Int64 = 0
        while entries.count < length {
            let fact = fact(&generator)
            entries += chains.append(fact, from: origin(partition, offset), at: noon).map { [$0] } ?? []
            offset += 1
        }
        return entries
    }
}
