// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import TestSupport
import Testing

@testable import Ledger

@Suite("Ledger")
struct LedgerTests {
    private func violations(_ values: [[UInt8]], expecting heads: [LedgerHead] = []) -> [LedgerVerifier.Violation] {
        var verifier = LedgerVerifier(expecting: heads)
        for value in values { verifier.check(value: value, in: "3") }
        verifier.finish()
        return verifier.violations
    }

    @Test("a chain of any facts verifies, and its entries survive their JSON", arguments: UInt64(1)...20)
    func chains(seed: UInt64) throws {
        let entries = Samples.chain(length: Int(seed), seed: seed)
        #expect(violations(entries.map { JSON.encode($0) }, expecting: [entries.last!.head]) == [])
        for entry in entries {
            #expect(try JSON.decode(LedgerEntry.self, from: JSON.encode(entry)) == entry)
        }
        #expect(entries.map(\.sequence) == (1...Int64(entries.count)).map { $0 })
    }

    @Test("the hash is that of the record's bytes with the hash cut out")
    func cutOut() {
        for entry in Samples.chain(length: 20) {
            let text = String(decoding: JSON.encode(entry), as: UTF8.self)
            let member = "\"hash\":\"\(entry.hash)\","
            let place = text.firstRange(of: member)!
            #expect(text[text.startIndex..<place.lowerBound].contains("\"hash\":\"") == false)
            #expect(SHA256.hash(text.replacing(member, with: "", maxReplacements: 1)).hex == entry.hash)
        }
    }

    @Test(
        "a change of any member is found",
        arguments: [
            ("\"chain\":\"3\"", "\"chain\":\"4\""), ("\"sequence\":", "\"sequence\":1"),
            ("\"kind\":\"journal\"", "\"kind\":\"Journal\""), ("\"previous\":\"", "\"previous\":\"0"),
            ("\"partition\":3", "\"partition\":2"), ("\"topic\":\"relay.journal\"", "\"topic\":\"relay.usage\""),
            ("\"offset\":", "\"offset\":1"), ("\"hash\":\"", "\"hash\":\"0"), ("\"at\":\"2025", "\"at\":\"2024"),
            ("\"actor\":\"captain\"", "\"actor\":\"nobody\""), ("\"reason\":\"because", "\"reason\":\"since"),
            ("\"action\":\"requested\"", "\"action\":\"ended\""), ("\"id\":\"j", "\"id\":\"k"),
            ("{", "{\"smuggled\":1,"), ("{", "{ "),
        ])
    func tampering(of member: String, into changed: String) throws {
        var values = Samples.chain(length: 9).map { JSON.encode($0) }
        let index = try #require(
            values.indices.first { index in
                let text = String(decoding: values[index], as: UTF8.self)
                return text.contains("\"journal\"") && text.contains(member)
            })
        let text = String(decoding: values[index], as: UTF8.self)
        values[index] = Array(text.replacing(member, with: changed, maxReplacements: 1).utf8)
        let found = violations(values)
        #expect(found.contains { $0.chain == "3" })
        #expect(found.contains { abs($0.sequence - Int64(index + 1)) <= 1 })
    }

    @Test(
        "a change of a consumption or of its price is found",
        arguments: [("\"amount\":", "\"amount\":1"), ("\"micros\":", "\"micros\":1"), ("\"USD\"", "\"EUR\"")])
    func tamperingWithUsage(of member: String, into changed: String) throws {
        var values = Samples.chain(length: 9).map { JSON.encode($0) }
        let index = try #require(values.firstIndex { String(decoding: $0, as: UTF8.self).contains("\"price\"") })
        let text = String(decoding: values[index], as: UTF8.self)
        values[index] = Array(text.replacing(member, with: changed, maxReplacements: 1).utf8)
        #expect(Set(violations(values).map(\.sequence)) == [Int64(index + 1)])
    }

    @Test("an entry whose hash was made to fit its changed content is found at the next one")
    func rehashed() {
        var entries = Samples.chain(length: 5)
        entries[2] = LedgerEntry(
            after: entries[1].head, fact: .journal(Samples.journal("forged", Samples.baton(1)), account: nil),
            origin: entries[2].origin, at: entries[2].at)
        #expect(violations(entries.map { JSON.encode($0) }).map(\.sequence) == [4])
    }

    @Test("entries that are missing, repeated, exchanged or of another chain are found")
    func order() {
        let values = Samples.chain(length: 6).map { JSON.encode($0) }
        #expect(!violations(Array(values[0...1] + values[3...5])).isEmpty)
        #expect(!violations(values[0...2] + [values[2]] + values[3...5]).isEmpty)
        #expect(!violations(values[0...1] + [values[3], values[2]] + values[4...5]).isEmpty)
        #expect(!violations(Samples.chain(4, length: 2).map { JSON.encode($0) }).isEmpty)
        #expect(violations([Array("nonsense".utf8)]).count == 1)
    }

    @Test("a chain that was cut short or written anew is found by an end that was noted before")
    func notedEnds() {
        let entries = Samples.chain(length: 6)
        let noted = entries[4].head
        #expect(violations(entries.map { JSON.encode($0) }, expecting: [noted]).isEmpty)
        #expect(violations(entries[0...3].map { JSON.encode($0) }, expecting: [noted]).map(\.sequence) == [5])
        let anew = Samples.chain(length: 6, seed: 2)
        #expect(violations(anew.map { JSON.encode($0) }, expecting: [noted]).map(\.sequence) == [5])
        #expect(violations([], expecting: [noted]).map(\.sequence) == [1])
    }

    @Test("a fact entered twice is found")
    func doubled() {
        let first = LedgerEntry(
            after: .empty(chain: "3"), fact: .journal(Samples.journal("a", Samples.baton(1)), account: nil),
            origin: Samples.origin(3, 0), at: Samples.noon)
        let second = LedgerEntry(after: first.head, fact: first.fact, origin: first.origin, at: Samples.noon)
        #expect(violations([JSON.encode(first), JSON.encode(second)]).map(\.sequence) == [2])
    }
}

@Suite("Writing the ledger")
struct LedgerChainsTests {
    @Test("a fact that comes again is entered once", arguments: UInt64(1)...10)
    func once(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var chains = LedgerChains()
        chains.hold(3)
        let facts = (0..<200).map { _ in Samples.fact(&generator) }
        let entries = facts.compactMap { chains.append($0, from: Samples.origin(3, 0), at: Samples.noon) }
        #expect(entries.map(\.fact.id) == facts.map(\.id).uniqued)
    }

    @Test("aborted or not, and restarted anywhere, the ledger is the same", arguments: UInt64(1)...50)
    func equivalence(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let facts = (0..<120).map { _ in Samples.fact(&generator) }
        let batches = stride(from: 0, to: facts.count, by: 7).map { Array(facts[$0..<min($0 + 7, facts.count)]) }
        var plain = LedgerChains()
        plain.hold(3)
        let expected = facts.compactMap { plain.append($0, from: Samples.origin(3, 0), at: Samples.noon) }

        var chains = LedgerChains()
        chains.hold(3)
        var written: [LedgerEntry] = []
        var index = 0
        while index < batches.count {
            let entries = batches[index].compactMap {
                chains.append($0, from: Samples.origin(3, 0), at: Samples.noon)
            }
            let committed = Int.random(in: 0..<3, using: &generator) > 0
            chains.settle(committed: committed)
            if committed {
                written += entries
                index += 1
            }
            if Int.random(in: 0..<4, using: &generator) == 0 {
                chains = LedgerChains()
                let broken = chains.hold(3, Samples.records(written))
                #expect(broken == nil)
            }
        }
        #expect(written == expected)
    }

    @Test("nothing is added to a chain that does not hold together")
    func broken() throws {
        let entries = Samples.chain(length: 4)
        var chains = LedgerChains()
        let found = chains.hold(3, Samples.records([entries[0], entries[2]]))
        #expect(found?.offset == 1)
        #expect(chains.broken == [3])
        let fact = LedgerEntry.Fact.journal(Samples.journal("new", Samples.baton(1)), account: nil)
        #expect(chains.append(fact, from: Samples.origin(3, 0), at: Samples.noon) == nil)
    }

    @Test("a chain that is not held takes nothing")
    func notHeld() {
        var chains = LedgerChains()
        let fact = LedgerEntry.Fact.journal(Samples.journal("a", Samples.baton(1)), account: nil)
        #expect(chains.append(fact, from: Samples.origin(3, 0), at: Samples.noon) == nil)
    }
}

extension [String] {
    /// The elements in order of first appearance.
    var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
