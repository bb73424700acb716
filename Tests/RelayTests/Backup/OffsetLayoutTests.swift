// SPDX-License-Identifier: Apache-2.0

import Kafka
import TestSupport
import Testing

@testable import Relay

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
        return try OffsetLayout(begin: shape.begin, end: shape.end, keepsOffsets: keepsOffsets) {
            left.popFirst().map(record)
        }
    }

    /// What a broker would make of the steps: the offset that each record gets, by the one it had, and the end.
    private static func played(_ layout: inout OffsetLayout) throws -> (offsets: [Int64: Int64], end: Int64) {
        var (offsets, position) = ([Int64: Int64](), layout.filled)
        func write(_ records: [StoredRecord]) {
            for record in records {
                offsets[record.offset] = position
                position += 1
            }
        }
        while let step = try layout.next() {
            switch step {
            case .records(let records): write(records)
            case .committed(let records):
                write(records)
                position += 1
            case .aborted(let count):
                #expect(count > 0, "an empty transaction writes no marker")
                position += Int64(count) + 1
            }
            #expect(position == layout.position)
        }
        return (offsets, position)
    }

    @Test("gives every record the offset that it had, and the partition its end", arguments: 0..<400 as Range<UInt64>)
    func kept(seed: UInt64) throws {
        let shape = Shape.random(seed)
        var layout = try Self.layout(shape, keepsOffsets: true)
        let (offsets, end) = try Self.played(&layout)
        #expect(offsets.allSatisfy { $0.key == $0.value })
        #expect(offsets.keys.sorted() == shape.visible)
        #expect(end == shape.end)
    }

    @Test("writes records one behind the other where nobody refers to offsets", arguments: 0..<50 as Range<UInt64>)
    func packed(seed: UInt64) throws {
        let shape = Shape.random(seed)
        var layout = try Self.layout(shape, keepsOffsets: false)
        let first = layout.filled
        let (offsets, _) = try Self.played(&layout)
        #expect(first == (shape.begin > 0 ? 1 : 0))
        #expect(shape.visible.map { offsets[$0] } == shape.visible.indices.map { first + Int64($0) })
    }

    @Test("makes a hole of any size in steps of a bounded size")
    func large() throws {
        for extra in [0, 1, 2, 3] as [Int64] {
            let shape = Shape(begin: 0, visible: [0, OffsetLayout.mostHoles + extra + 1], end: 0)
            var layout = try Self.layout(
                Shape(begin: 0, visible: shape.visible, end: OffsetLayout.mostHoles + extra + 2), keepsOffsets: true)
            let (offsets, _) = try Self.played(&layout)
            #expect(offsets.allSatisfy { $0.key == $0.value })
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
