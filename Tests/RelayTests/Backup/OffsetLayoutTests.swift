// SPDX-License-Identifier: Apache-2.0

import Kafka
import TestSupport
import Testing

@testable import Backup

@Suite("Laying records out again at their offsets")
struct OffsetLayoutTests {
    /// Offsets of what readers see, and where the partition begins and ends.
    struct Shape: Sendable, CustomTestStringConvertible {
        var begin: Int64
        var visible: [Int64]
        var end: Int64

        var testDescription: String { "\(begin)..<\(end) with \(visible.count) records" }

        static func random(_ seed: UInt64) -> Shape {
            var numbers = SeededGenerator(seed: seed)
            let begin = Int64.random(in: 0...3, using: &numbers) * Int64.random(in: 0...40, using: &numbers)
            var (offset, visible) = (begin, [Int64]())
            for _ in 0..<Int.random(in: 0...60, using: &numbers) {
                // Mostly no hole or that of one marker, as the relay's own topics are.
                offset +=
                    [0, 0, 0, 1, 1, 2, 3, Int64.random(in: 0...50, using: &numbers)]
                    .randomElement(using: &numbers) ?? 0
                visible.append(offset)
                offset += 1
            }
            return Shape(
                begin: begin, visible: visible, end: offset + Int64.random(in: 0...3, using: &numbers))
        }
    }

    private static func record(_ offset: Int64) -> StoredRecord {
        StoredRecord(
            ConsumerRecord(topic: "t", partition: 0, offset: offset, key: nil, value: [1], timestampMilliseconds: 1))
    }

    private static func layout(_ shape: Shape, keepsOffsets: Bool) throws -> OffsetLayout {
        var left = shape.visible[...]
        return try OffsetLayout(
            begin: shape.begin, end: shape.end, records: shape.visible.count, keepsOffsets: keepsOffsets
        ) { left.popFirst().map(record) }
    }

    /// A partition of a broker, as far as offsets go.
    private struct Log {
        /// The offset that each record got, by the one it had.
        var offsets: [Int64: Int64] = [:]
        var end: Int64
        var openFillers = 0
        var transactions = 0

        mutating func write(_ records: [StoredRecord]) {
            for record in records {
                offsets[record.offset] = end
                end += 1
            }
        }
    }

    /// What a broker would make of the moves, with a transaction that is to end soon when `isEnding` says so.
    private static func played(_ layout: OffsetLayout, isEnding: () -> Bool = { false }) throws -> Log {
        var (course, log) = (RestoreCourse(layout), Log(end: layout.filled))
        while true {
            while let move = try course.next(isEnding: isEnding()) {
                switch move {
                case .records(let records): log.write(records)
                case .fillers(let count):
                    #expect(count > 0)
                    log.openFillers += count
                    log.end += Int64(count)
                }
                #expect(log.end == course.layout.position)
            }
            // An aborted transaction has a marker where it has records; where it has none it has none.
            if log.openFillers > 0 { log.end += 1 }
            if case .commit(let records) = course.stop {
                log.write(records)
                log.end += 1
            }
            if course.stop == .done { return log }
            log.openFillers = 0
            log.transactions += 1
            course.goOn()
            #expect(log.end == course.layout.position)
        }
    }

    @Test("gives every record the offset that it had, and the partition its end", arguments: 0..<400 as Range<UInt64>)
    func kept(seed: UInt64) throws {
        let shape = Shape.random(seed)
        let log = try Self.played(Self.layout(shape, keepsOffsets: true))
        #expect(log.offsets.allSatisfy { $0.key == $0.value })
        #expect(log.offsets.keys.sorted() == shape.visible)
        #expect(log.end == shape.end)
        #expect(log.openFillers == 0, "left for the broker to abort")
    }

    @Test("needs no more than one transaction, however many holes there are", arguments: 0..<100 as Range<UInt64>)
    func oneTransaction(seed: UInt64) throws {
        #expect(try Self.played(Self.layout(.random(seed), keepsOffsets: true)).transactions <= 1)
    }

    @Test("does the same when transactions have to end at any time", arguments: 0..<400 as Range<UInt64>)
    func ending(seed: UInt64) throws {
        let shape = Shape.random(seed)
        var numbers = SeededGenerator(seed: seed)
        let log = try Self.played(Self.layout(shape, keepsOffsets: true)) { Bool.random(using: &numbers) }
        #expect(log.offsets.allSatisfy { $0.key == $0.value })
        #expect(log.offsets.keys.sorted() == shape.visible)
        #expect(log.end == shape.end)
    }

    @Test("writes records one behind the other where nobody refers to offsets", arguments: 0..<50 as Range<UInt64>)
    func packed(seed: UInt64) throws {
        let shape = Shape.random(seed)
        let layout = try Self.layout(shape, keepsOffsets: false)
        let first = layout.filled
        let log = try Self.played(layout)
        #expect(first == (shape.begin > 0 ? 1 : 0))
        #expect(shape.visible.map { log.offsets[$0] } == shape.visible.indices.map { first + Int64($0) })
    }

    @Test("makes a hole of any size in steps of a bounded size")
    func large() throws {
        for extra in [0, 1, 2, 3] as [Int64] {
            let last = RestoreCourse.mostFillers + extra + 1
            let shape = Shape(begin: 0, visible: [0, last], end: last + 1)
            let log = try Self.played(Self.layout(shape, keepsOffsets: true))
            #expect(log.offsets.allSatisfy { $0.key == $0.value })
        }
    }

    @Test("finds a group's offset again behind as many records as before", arguments: 0..<50 as Range<UInt64>)
    func shifted(seed: UInt64) throws {
        let shape = Shape.random(seed)
        var left = shape.visible[...]
        let wanted = Set(shape.begin...shape.end)
        let moved = OffsetShift.count(wanted, startingAt: 0) { left.popFirst().map(Self.record) }
        for offset in wanted {
            #expect(moved[offset] == Int64(shape.visible.count { $0 < offset }))
        }
    }
}
