// SPDX-License-Identifier: Apache-2.0

import Baton
import TestSupport
import Testing

@testable import Ledger

@Suite("Books")
struct BooksTests {
    private func entries(_ facts: [LedgerEntry.Fact], chain: Int32 = 0) -> [LedgerEntry] {
        var chains = LedgerChains()
        chains.hold(chain)
        return facts.compactMap { chains.append($0, from: Samples.origin(chain, 0), at: Samples.noon) }
    }

    private func books(_ entries: [LedgerEntry]) -> Books {
        var books = Books(currency: "USD")
        for entry in entries { books.fold(entry) }
        return books
    }

    private func used(_ id: String, _ baton: Int, _ micros: Int64, _ resource: Usage.Resource = .cpuSeconds)
        -> LedgerEntry.Fact
    {
        .usage(Samples.usage(id, Samples.baton(baton), 1, resource), price: Samples.dollars(micros))
    }

    private func requested(_ baton: Int, _ account: String?) -> LedgerEntry.Fact {
        .journal(Samples.journal("r\(baton)", Samples.baton(baton), .requested), account: account)
    }

    @Test("costs add up by baton, resource and account")
    func sums() {
        let books = books(
            entries([
                requested(1, "a"), used("1", 1, 10), used("2", 1, 5, .requests), requested(2, "a"), used("3", 2, 100),
                requested(3, "b"), used("4", 3, 7),
            ]))
        #expect(books.total(of: Samples.baton(1)) == Samples.dollars(15))
        #expect(
            books.parts(of: Samples.baton(1)) == [
                "cpu-seconds": Samples.dollars(10), "requests": Samples.dollars(5),
            ])
        #expect(books.spent(by: "a", inMonthOf: Samples.noon) == Samples.dollars(115))
        #expect(books.spent(by: "b", inMonthOf: Samples.noon) == Samples.dollars(7))
        #expect(books.spent(by: "nobody", inMonthOf: Samples.noon) == Samples.dollars(0))
        #expect(books.hold(usage: ["1", "4"]) && !books.hold(usage: ["1", "5"]))
    }

    @Test("what came before the request is charged to its account all the same")
    func lateAccount() {
        let books = books(entries([used("1", 1, 10), requested(1, "a"), used("2", 1, 5)]))
        #expect(books.spent(by: "a", inMonthOf: Samples.noon) == Samples.dollars(15))
    }

    @Test("a month's budget is charged with what was consumed in that month")
    func months() {
        let next = Samples.noon + .seconds(32 * 86_400)
        let usage = Samples.usage("2", Samples.baton(1), at: next)
        let books = books(entries([requested(1, "a"), used("1", 1, 10), .usage(usage, price: Samples.dollars(3))]))
        #expect(books.spent(by: "a", inMonthOf: Samples.noon) == Samples.dollars(10))
        #expect(books.spent(by: "a", inMonthOf: next) == Samples.dollars(3))
        #expect(books.total(of: Samples.baton(1)) == Samples.dollars(13))
    }

    @Test("a consumption entered in two chains counts once")
    func once() {
        let facts = [requested(1, "a"), used("1", 1, 10)]
        let books = books(entries(facts) + entries(facts, chain: 1))
        #expect(books.total(of: Samples.baton(1)) == Samples.dollars(10))
        #expect(books.spent(by: "a", inMonthOf: Samples.noon) == Samples.dollars(10))
    }

    @Test("in whatever order chains are read, the books are the same", arguments: UInt64(1)...20)
    func anyOrder(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let chains = (0..<4).map { chain in
            let facts = (0..<20).map { number in
                Bool.random(using: &generator)
                    ? requested(chain * 2 + number % 2, "account \(chain % 2)")
                    : used("\(chain)/\(number)", number % 8, Int64.random(in: 0..<100, using: &generator))
            }
            return entries(facts, chain: Int32(chain))
        }
        func interleaved() -> [LedgerEntry] {
            var rest = chains
            var all: [LedgerEntry] = []
            while let chain = rest.indices.filter({ !rest[$0].isEmpty }).randomElement(using: &generator) {
                all.append(rest[chain].removeFirst())
            }
            return all
        }
        let (one, other) = (books(interleaved()), books(interleaved()))
        #expect(one.batons == other.batons)
        #expect(one.heads == other.heads)
        for account in ["account 0", "account 1"] {
            #expect(
                one.spent(by: account, inMonthOf: Samples.noon) == other.spent(by: account, inMonthOf: Samples.noon))
        }
    }

    @Test("what is priced in another currency is in no sum, and is told of")
    func foreign() {
        let usage = LedgerEntry.Fact.usage(
            Samples.usage("1", Samples.baton(1)), price: Money(micros: 5, currency: "EUR"))
        let books = books(entries([requested(1, "a"), usage]))
        #expect(books.total(of: Samples.baton(1)) == Samples.dollars(0))
        #expect(books.batons[Samples.baton(1)]?.foreignEntries == 1)
        #expect(books.hold(usage: ["1"]))
    }

    @Test("the end of a baton's chain is that of the chain of its decisions")
    func head() {
        let entries = entries([requested(1, "a"), requested(2, "a")], chain: 5)
        #expect(books(entries).head(of: Samples.baton(1)) == entries[1].head)
        #expect(books(entries).head(of: Samples.baton(9)) == nil)
    }
}
