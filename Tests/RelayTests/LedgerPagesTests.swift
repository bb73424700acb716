// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Testing

@testable import Judge
@testable import JudgeRules
@testable import RelayClients

@Suite("An audit of the ledger")
struct LedgerPagesTests {
    private func verdict(_ world: JudgeWorld) -> LedgerVerdict {
        var noted = NotedEnds()
        for record in world.records where record.topic == world.topics.batons { noted.take(record) }
        var pages = LedgerPages(noted: noted, partitions: Array(0..<JudgeWorld.partitions))
        let ledger = world.records.filter { $0.topic == world.topics.ledger }
        ledger.forEach { pages.take($0) }
        if pages.mustReadAgain {
            pages.begin()
            ledger.forEach { pages.take($0) }
        }
        return pages.verdict()
    }

    @Test("finds nothing wrong with a whole ledger, and says what it had nothing to compare with")
    func whole() throws {
        let cast = try JudgeHistory.Cast()
        let found = verdict(cast.history.world)
        #expect(found.violations == [])
        #expect(found.quarantined == [])
        let chain = cast.chain(cast.finished)
        let noted = try #require(try cast.lastState(cast.finished).payload.results.closing).ledger.length
        #expect(found.unseen.contains { $0.hasPrefix("chain \(chain): entries ") })
        #expect(noted > 0)
        var empty = JudgeWorld()
        empty.now = cast.history.world.now
        #expect(verdict(empty).unseen.count == Int(JudgeWorld.partitions))
    }

    @Test("finds an end that was cut off, a chain that is gone, and one that was written anew with fresh hashes")
    func cut() throws {
        let cast = try JudgeHistory.Cast()
        let chain = cast.chain(cast.finished)
        let entries = cast.entries(in: chain)
        let length = try #require(try cast.lastState(cast.finished).payload.results.closing).ledger.length
        for kept in [Int(length) - 1, 0] {
            var world = cast.history.world
            for index in entries.dropFirst(kept).reversed() { world.remove(index) }
            #expect(verdict(world).violations.contains { $0.contains("it is missing") }, "\(kept) entries are kept")
        }
        var world = cast.history.world
        var head = LedgerHead.empty(chain: "\(chain)")
        for (index, old) in world.all(LedgerEntry.self, world.topics.ledger) where old.chain == "\(chain)" {
            let entry = LedgerEntry(after: head, fact: old.fact, origin: old.origin, at: world.now)
            head = entry.head
            _ = world.change(index) { $0.value = JSON.encode(entry) }
        }
        #expect(verdict(world).violations.contains { $0.contains("was noted for it elsewhere") })
    }

    @Test("names a foreign record by its offset, and passes over it once it is put aside, as the judge does")
    func foreign() throws {
        var history = try JudgeHistory.Cast().history
        let topic = history.world.topics.ledger
        let copied = try #require(history.world.records.last { $0.topic == topic })
        let place = history.world.write(
            topic, key: "x", value: copied.value, headers: copied.headers, partition: copied.partition)
        let broken = verdict(history.world)
        #expect(broken.violations.contains { $0.contains("offset \(place.offset)") })
        #expect(!history.world.violations().isEmpty)
        let aside = LedgerQuarantine(
            offset: place.offset, value: copied.value ?? [], problem: "a copy", by: "ann", reason: "a test")
        history.forge(
            .quarantine(aside),
            origin: .init(topic: topic, partition: copied.partition, offset: place.offset), in: copied.partition)
        let mended = verdict(history.world)
        #expect(mended.violations == [])
        #expect(mended.quarantined.map(\.record) == [aside])
        #expect(history.world.violations().isEmpty)
    }
}
