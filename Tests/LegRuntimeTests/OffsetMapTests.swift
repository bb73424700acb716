// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import LegRuntime

@Suite("Offset map")
struct OffsetMapTests {
    private func roundTrip(_ map: OffsetMap) throws -> OffsetMap {
        try #require(OffsetMapText.decode(OffsetMapText.encode(map), committed: map.committed))
    }

    @Test("The lowest unfinished offset is committed, and the position once all is finished")
    func committed() {
        var map = OffsetMap(startingAt: 10)
        #expect(map.committed == 10)
        for offset: Int64 in [10, 12, 15] { check(map.take(offset), .unfinished) }
        map.finish(12)
        #expect(map.committed == 10)
        map.finish(10)
        #expect(map.committed == 15)
        map.finish(15)
        #expect(map.committed == 16)
        #expect(OffsetMapText.encode(map) == "1:")
    }

    @Test("Finished work above an unfinished record is not taken again after a restart")
    func restart() throws {
        var map = OffsetMap(startingAt: 10)
        for offset: Int64 in [10, 11, 13] { _ = map.take(offset) }
        map.finish(11)
        map.finish(13)
        #expect(OffsetMapText.encode(map) == "1:1-3")
        var again = try roundTrip(map)
        check(again.take(10), .unfinished)
        check(again.take(11), .finishedBefore)
        check(again.take(13), .finishedBefore)
        check(again.take(14), .unfinished)
        again.finish(10)
        #expect(again.committed == 14)
    }

    @Test("What was finished before a restart counts before it is read again")
    func committedBeforeReading() throws {
        var map = OffsetMap(startingAt: 0)
        for offset: Int64 in 0..<4 { _ = map.take(offset) }
        for offset: Int64 in [1, 2] { map.finish(offset) }
        var again = try roundTrip(map)
        _ = again.take(0)
        again.finish(0)
        // 1 and 2 were finished before: the offset may pass them without their having been read.
        #expect(again.committed == 3)
        #expect(try roundTrip(again).committed == 3)
    }

    @Test(
        "Texts that are not ours are not understood",
        arguments: ["2:1-2", "1:2", "1:5-4", "1:3-4,2-9", "1:a-b", "hello", "1:-1-4", "1:1-9223372036854775807"])
    func foreign(_ text: String) {
        #expect(OffsetMapText.decode(text, committed: 7) == nil)
    }

    @Test("Texts that release 0.4.0 committed during real races are understood, and written again as they are")
    func ofTheLastRelease() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/records-0.4.0/offsets.txt")
        let texts = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(texts.count > 3)
        for text in texts {
            let map = try #require(OffsetMapText.decode(text, committed: 40))
            #expect(!map.ahead.isEmpty)
            #expect(OffsetMapText.encode(map) == text)
        }
    }

    @Test("No text is an empty map", arguments: [nil, "", "1:"])
    func noText(_ text: String?) {
        #expect(OffsetMapText.decode(text, committed: 7) == OffsetMap(startingAt: 7))
    }

    @Test("Whatever ends in whatever order over restarts, nothing finished runs again and nothing else is skipped")
    func property() throws {
        var random = SeededGenerator(seed: 20_251)
        for _ in 0..<300 {
            var (map, finished, log) = (OffsetMap(), Set<Int64>(), randomLog(&random))
            var next = 0
            while finished.count < log.count {
                switch Int.random(in: 0..<10, using: &random) {
                case 0:
                    map = try roundTrip(map)
                    let committed = map.committed
                    #expect(log.allSatisfy { $0 >= committed || finished.contains($0) })
                    next = log.firstIndex { $0 >= committed } ?? log.count
                case 1...5 where next < log.count:
                    let expected: OffsetMap.Arrival = finished.contains(log[next]) ? .finishedBefore : .unfinished
                    check(map.take(log[next]), expected)
                    next += 1
                default:
                    guard let offset = map.unfinished.randomElement(using: &random) else { continue }
                    map.finish(offset)
                    finished.insert(offset)
                }
            }
            log.removeAll()
        }
    }

    @Test("The text always fits: a map without room takes nothing more")
    func bound() {
        var random = SeededGenerator(seed: 7)
        for limit in [40, 200, 1000, 3500] {
            var map = OffsetMap(startingAt: 1_000_000)
            var offset: Int64 = 1_000_000
            for _ in 0..<2000 {
                if map.hasRoom(for: offset, maximumTextBytes: limit) {
                    _ = map.take(offset)
                    offset += Int64.random(in: 1...3, using: &random)
                }
                if Int.random(in: 0..<3, using: &random) > 0,
                    let some = map.unfinished.dropFirst().randomElement(using: &random)
                {
                    map.finish(some)
                }
                #expect(OffsetMapText.encode(map).utf8.count <= limit)
            }
        }
    }

    @Test("Room comes back when the lowest record is finished")
    func roomReturns() {
        var map = OffsetMap()
        var offset: Int64 = 0
        while map.hasRoom(for: offset, maximumTextBytes: 40) {
            _ = map.take(offset)
            offset += 2
        }
        for offset in map.unfinished { map.finish(offset) }
        #expect(map.hasRoom(for: offset, maximumTextBytes: 40))
    }

    /// Ascending offsets with gaps, as transactions leave them.
    private func randomLog(_ random: inout SeededGenerator) -> [Int64] {
        var offset: Int64 = 0
        return (0..<Int.random(in: 1...40, using: &random)).map { _ in
            offset += Int64.random(in: 1...4, using: &random)
            return offset
        }
    }
}
