// SPDX-License-Identifier: Apache-2.0

import Baton
import TestSupport
import Testing

@testable import Ledger

@Suite("What does not belong to a chain")
struct QuarantineTests {
    private static let order = QuarantineOrder(partition: 3, offsets: [], by: "ann", reason: "a test wrote it")
    private let entries = Samples.chain(length: 6)

    private var values: [[UInt8]] { entries.map { JSON.encode($0) } }

    private static func naming(_ offsets: Int64...) -> QuarantineOrder {
        var order = order
        order.offsets = offsets
        return order
    }

    /// Puts aside, and gives the chain as it is then.
    private func mended(_ values: [[UInt8]], _ order: QuarantineOrder = order) throws -> [[UInt8]] {
        let (asides, walk) = try order.plan(Samples.records(values))
        var chains = LedgerChains()
        chains.hold(3, Samples.records(values))
        let said = chains.putAside(asides, in: 3, walk, topic: "relay.ledger", at: Samples.noon)
        #expect(said.count == asides.count)
        chains.settle(committed: true)
        #expect(chains.broken.isEmpty)
        let fact = LedgerEntry.Fact.journal(Samples.journal("next", Samples.baton(1)), account: nil)
        let next = chains.append(fact, from: Samples.origin(3, 9), at: Samples.noon)
        return try values + (said + [#require(next)]).map { JSON.encode($0) }
    }

    private func violations(_ values: [[UInt8]]) -> [LedgerVerifier.Violation] {
        var quarantines = LedgerQuarantines()
        for record in Samples.records(values) { quarantines.note(value: record.value, in: "3", at: record.offset) }
        var verifier = LedgerVerifier(passing: quarantines)
        for record in Samples.records(values) { verifier.check(value: record.value, in: "3", at: record.offset) }
        verifier.finish()
        return verifier.violations
    }

    /// Foreign records by what they are, and the offset at which they come.
    private var foreign: [(what: String, value: [UInt8])] {
        let forged = String(decoding: values[5], as: UTF8.self).replacing(entries[5].hash, with: entries[4].hash)
        return [
            ("the last record again", values[5]), ("an old record again", values[1]),
            ("no bytes", []), ("garbage", Array("garbage".utf8)),
            ("a wrong hash", Array(forged.utf8)),
            ("an entry of another chain", JSON.encode(Samples.chain(4, length: 1)[0])),
        ]
    }

    @Test("breaks it, is put aside with who and why, and the chain goes on", arguments: 0..<6)
    func everyKind(index: Int) throws {
        let (what, value) = foreign[index]
        for (before, after) in [(values, []), (Array(values[0..<3]), Array(values[3...]))] {
            let broken = before + [value] + after
            let offset = Int64(before.count)
            if before.count == 3, what == "the last record again" { continue }
            #expect(LedgerChains().firstBreak(broken)?.offset == offset, "\(what)")
            let whole = try mended(broken)
            #expect(violations(whole) == [], "\(what)")
            guard case .quarantine(let said) = try JSON.decode(LedgerEntry.self, from: whole[broken.count]).fact else {
                Issue.record("no word of it")
                return
            }
            #expect((said.offset, said.by, said.reason) == (offset, "ann", "a test wrote it"))
        }
    }

    @Test("is passed over by bytes, so that no other record can hide behind its offset")
    func otherBytes() throws {
        var whole = try mended(values + [Array("garbage".utf8)])
        whole[6] = Array("Garbage".utf8)
        #expect(violations(whole).map(\.offset) == [6])
    }

    @Test("counts for nothing when the entry that puts it aside is no link itself")
    func forgedQuarantine() throws {
        let aside = LedgerQuarantine(offset: 2, value: values[2], problem: "x", by: "eve", reason: "x")
        let forged = LedgerEntry(
            after: .empty(chain: "3"), fact: .quarantine(aside), origin: Samples.origin(3, 2), at: Samples.noon)
        let broken = values + [JSON.encode(forged)]
        #expect(!violations(broken).isEmpty)
        #expect(violations(try mended(broken, Self.naming(6))) == [])
    }

    @Test("may be an entry in another's place: then somebody has to say which of them is foreign")
    func fork() throws {
        let forged = LedgerEntry(
            after: entries[3].head, fact: .journal(Samples.journal("forged", Samples.baton(1)), account: nil),
            origin: Samples.origin(3, 99), at: Samples.noon)
        let short = Array(values[0...3]) + [JSON.encode(forged), values[4]]
        let refusal = #expect(throws: Refusal.self) { try Self.order.plan(Samples.records(short)) }
        #expect(refusal?.description.contains("either it is foreign or one before it") == true)
        let broken = short + [values[5]]
        #expect(throws: Refusal.self) { try Self.order.plan(Samples.records(broken)) }
        let whole = try mended(broken, Self.naming(4))
        #expect(violations(whole) == [])
        let facts = try whole.map { try JSON.decode(LedgerEntry.self, from: $0).fact.id }
        #expect(facts.contains(entries[5].fact.id))
    }

    @Test("cannot be put aside where links are missing, twice, or where there is nothing")
    func refusals() throws {
        #expect(throws: Refusal.self) { try Self.order.plan(Samples.records(Array(values[0...1] + values[3...5]))) }
        #expect(throws: Refusal.self) { try Self.order.plan(Samples.records(values)) }
        #expect(throws: Refusal.self) { try Self.naming(77).plan(Samples.records(values)) }
        let whole = try mended(values + [Array("garbage".utf8)])
        #expect(throws: Refusal.self) { try Self.naming(6).plan(Samples.records(whole)) }
    }

    @Test("is forgotten again when the transaction that puts it aside is aborted")
    func aborted() throws {
        let broken = Samples.records(values + [Array("garbage".utf8)])
        var chains = LedgerChains()
        chains.hold(3, broken)
        let (asides, walk) = try Self.order.plan(broken)
        _ = chains.putAside(asides, in: 3, walk, topic: "relay.ledger", at: Samples.noon)
        chains.settle(committed: false)
        #expect(chains.broken == [3])
    }

    @Test("is told once with since when, and that it is over, by who writes the chain")
    func signals() {
        var signals = BreakSignals()
        let found = ChainBreak(chain: "3", offset: 7, problem: "garbage", since: Samples.noon)
        let first = signals.take([found], isOurs: { _ in true }, at: Samples.noon)
        #expect(first.map(\.level) == [.critical])
        #expect(first.first?.text.contains("2025-11-25T12:00:00.000Z, at offset 7") == true)
        #expect(signals.take([found], isOurs: { _ in true }, at: Samples.noon).isEmpty)
        #expect(signals.take([], isOurs: { _ in true }, at: Samples.noon).map(\.level) == [.info])
        #expect(signals.take([found], isOurs: { _ in false }, at: Samples.noon).isEmpty)
    }

    @Test("leaves the books as if it were not there, once they are made anew", arguments: UInt64(1)...20)
    func books(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let all = Samples.chain(length: 12, seed: seed).map { JSON.encode($0) }
        let place = Int.random(in: 1..<12, using: &generator)
        let whole = try mended(Array(all[..<place]) + [all[place - 1]] + Array(all[place...]))
        var first = LedgerFold(currency: "USD")
        var breaks = 0
        for record in Samples.records(whole) { if case .broken = first.take(record) { breaks += 1 } }
        #expect(breaks == 1)
        #expect(first.isStale)
        var anew = LedgerFold(currency: "USD", passing: first.quarantines)
        for record in Samples.records(whole) { _ = anew.take(record) }
        var plain = LedgerFold(currency: "USD")
        for record in Samples.records(all) { _ = plain.take(record) }
        #expect(anew.books.breaks.isEmpty && !anew.isStale)
        for number in 0..<5 {
            #expect(anew.books.total(of: Samples.baton(number)) == plain.books.total(of: Samples.baton(number)))
        }
    }
}

extension LedgerChains {
    fileprivate func firstBreak(_ values: [[UInt8]]) -> ChainBreak? {
        var chains = self
        return chains.hold(3, Samples.records(values))
    }
}
