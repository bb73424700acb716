// SPDX-License-Identifier: Apache-2.0

import Baton
import TestSupport
import Testing

@testable import RolloutRules

@Suite("Which release is to serve a model")
struct ReleaseLogTests {
    let workshop: Workshop
    let manifest: ReleaseManifest

    init() throws {
        workshop = try Workshop()
        manifest = try workshop.manifest()
    }

    func live(_ name: String, at time: Int64) -> ReleaseRecord { release(name, manifest, askedAt: time) }

    func withdrawn(_ record: ReleaseRecord, hasServed: Bool = true) -> ReleaseRecord {
        var gone = record
        gone.status = .withdrawn
        gone.servedSince = hasServed ? Timestamp(milliseconds: 0) : nil
        return gone
    }

    /// A release of another input, under a contract of its own version.
    func other(_ name: String, at time: Int64, version: Int?) -> ReleaseRecord {
        var changed = live(name, at: time)
        changed.manifest.declaration.input.name = "rows"
        changed.manifest.declaration.contract = version.map { .init(version: $0) }
        return changed
    }

    func fold(_ records: [ReleaseRecord]) -> ReleaseLog {
        var log = ReleaseLog()
        for record in records { log.apply(record) }
        return log
    }

    @Test("the one that was asked for last, whenever it came; withdrawing it brings back the one before")
    func newest() {
        #expect(fold([]).current("cancer") == nil)
        let records = [live("a", at: 1), live("c", at: 3), live("b", at: 2)]
        let log = fold(records)
        #expect(log.current("cancer")?.baton == baton("c"))
        #expect(log.standing(of: baton("b"), model: "cancer") == .superseded(by: baton("c")))
        #expect(log.standing(of: baton("c"), model: "cancer") == .serves)
        #expect(log.standing(of: baton("x"), model: "cancer") == nil)
        let back = fold(records + [withdrawn(records[1])])
        #expect(back.current("cancer")?.baton == baton("b"))
        #expect(back.standing(of: baton("c"), model: "cancer") == .withdrawn)
        #expect(fold([records[0], withdrawn(records[0])]).current("cancer") == nil)
    }

    @Test("of two that were asked for at the same time the later id serves")
    func sameTime() {
        let names = ["a", "b", "c", "d"]
        let last = names.map(baton).max()
        #expect(fold(names.map { live($0, at: 5) }).current("cancer")?.baton == last)
        #expect(fold(names.reversed().map { live($0, at: 5) }).current("cancer")?.baton == last)
    }

    @Test(
        "records that do not say when they were asked for stand where they went live, among themselves and among others"
    )
    func oldRecords() {
        func old(_ name: String, liveAt time: Int64) -> ReleaseRecord {
            var record = live(name, at: 0)
            (record.requestedAt, record.changedAt) = (nil, Timestamp(milliseconds: time))
            return record
        }
        #expect(fold([old("b", liveAt: 1), old("a", liveAt: 2)]).current("cancer")?.baton == baton("a"))
        let mixed = [old("a", liveAt: 10), live("b", at: 20)]
        #expect(fold(mixed).current("cancer")?.baton == baton("b"))
        #expect(fold(mixed + [old("c", liveAt: 30)]).current("cancer")?.baton == baton("c"))
    }

    @Test("a release of another contract serves when it declares the break, and not when it does not")
    func contracts() {
        let silent = fold([live("a", at: 1), other("b", at: 2, version: nil)])
        #expect(silent.current("cancer")?.baton == baton("a"))
        #expect(
            silent.standing(of: baton("b"), model: "cancer")
                == .breaksContract(
                    of: baton("a"), ["input.name is \"rows\", and \"input\" in the live one"]))
        let declared = [live("a", at: 1), other("b", at: 2, version: 2)]
        #expect(fold(declared).current("cancer")?.baton == baton("b"))
        // Verified against a, and b came first.
        #expect(fold(declared + [live("c", at: 3)]).current("cancer")?.baton == baton("b"))
        #expect(fold(declared + [other("c", at: 3, version: 2)]).current("cancer")?.baton == baton("c"))
    }

    @Test("an older release that breaks the contract too late takes nothing from the newer one")
    func lateBreak() {
        let log = fold([live("a", at: 1), live("c", at: 3), other("b", at: 2, version: 2)])
        #expect(log.current("cancer")?.baton == baton("c"))
        #expect(log.standing(of: baton("b"), model: "cancer") == .superseded(by: baton("c")))
    }

    @Test("a release that followed one that is withdrawn later keeps its traffic")
    func followed() {
        let between = other("b", at: 2, version: 2)
        let log = fold([live("a", at: 1), between, other("c", at: 3, version: 2), withdrawn(between)])
        #expect(log.current("cancer")?.baton == baton("c"))
        #expect(log.standing(of: baton("c"), model: "cancer") == .serves)
    }

    @Test("a release that was refused and withdrawn opens no way to another like it")
    func refusedTwice() {
        let refused = live("c", at: 3)
        let records = [live("a", at: 1), other("b", at: 2, version: 2), refused, live("d", at: 4)]
        for log in [fold(records), fold(records + [withdrawn(refused, hasServed: false)])] {
            #expect(log.current("cancer")?.baton == baton("b"))
        }
    }

    @Test("is the same in whatever order the records are heard, and however often", arguments: 0..<20)
    func anyOrder(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var records = (0..<8).map { live("r\($0)", at: Int64.random(in: 0..<5, using: &generator)) }
        for record in records where Bool.random(using: &generator) { records.append(withdrawn(record)) }
        let gone = Set(records.filter { $0.status == .withdrawn }.map(\.baton))
        let newest = records.filter { !gone.contains($0.baton) }.max { $1.isNewer(than: $0) }?.baton
        for _ in 0..<5 {
            records.shuffle(using: &generator)
            for heard in [records, records + records.prefix(3)] {
                let log = fold(heard)
                #expect(log.current("cancer")?.baton == newest)
                for baton in Set(records.map(\.baton)) {
                    let standing = log.standing(of: baton, model: "cancer")
                    if gone.contains(baton) {
                        #expect(standing == .withdrawn)
                    } else if baton == newest {
                        #expect(standing == .serves)
                    } else {
                        #expect(standing == newest.map { .superseded(by: $0) })
                    }
                }
            }
        }
    }

    /// Releases as captains and deploys let them come: each goes live once, and what does not serve, and some that do,
    /// are withdrawn.
    private func history(_ generator: inout SeededGenerator) -> [ReleaseRecord] {
        var records: [ReleaseRecord] = []
        var log = ReleaseLog()
        var served: Set<BatonID> = []
        func write(_ record: ReleaseRecord) {
            records.append(record)
            log.apply(record)
            if let current = log.current("cancer") { served.insert(current.baton) }
        }
        for number in 0..<12 {
            let time = Int64(number) + Int64.random(in: -3...3, using: &generator)
            let version = Int.random(in: 1..<4, using: &generator)
            let breaks = Bool.random(using: &generator)
            write(breaks ? other("r\(number)", at: time, version: version) : live("r\(number)", at: time))
            for known in records where log.status(of: known.baton, model: "cancer") == .live {
                let serves = log.standing(of: known.baton, model: "cancer") == .serves
                if Int.random(in: 0..<(serves ? 6 : 2), using: &generator) == 0 {
                    write(withdrawn(known, hasServed: served.contains(known.baton)))
                }
            }
        }
        return records
    }

    @Test("is for who starts on the compacted log what it is for who heard all of it", arguments: 0..<30)
    func restarts(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let records = history(&generator)
        for end in 1...records.count {
            let heard = Array(records.prefix(end))
            // Compaction keeps the last record of each key, and may not have come to all of them yet.
            let kept = heard.indices.filter { index in
                !heard[(index + 1)...].contains { $0.baton == heard[index].baton } || Bool.random(using: &generator)
            }
            #expect(
                fold(kept.map { heard[$0] }).current("cancer")?.baton == fold(heard).current("cancer")?.baton,
                "after \(end) records")
        }
    }

    @Test("moves from a newer release to an older one by a withdrawal alone", arguments: 0..<60)
    func onlyForwards(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var log = ReleaseLog()
        var tookOver: Set<BatonID> = []
        for record in history(&generator) {
            let before = log.current("cancer")
            log.apply(record)
            let after = log.current("cancer")
            if record.status == .live, after?.baton == record.baton { tookOver.insert(record.baton) }
            guard let before, before.baton != after?.baton else { continue }
            if record.status == .live {
                #expect(after?.baton == record.baton && after?.isNewer(than: before) == true)
            } else if tookOver.contains(before.baton) {
                // One that was superseded when it came is on its way out, even if the newer one goes first.
                #expect(record.baton == before.baton || after?.isNewer(than: before) == true)
            }
        }
    }
}
