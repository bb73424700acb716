// SPDX-License-Identifier: Apache-2.0

import Baton
import TestSupport
import Testing

@testable import Watching

@Suite("The end of a watch")
struct WatchEndTests {
    private static let a = RouterID(instance: "a", startedAt: Samples.start)
    private static let b = RouterID(instance: "b", startedAt: Samples.start)
    private static let witness = RouterID(instance: "m", startedAt: Samples.start)

    /// Takes marks at seconds of a period of ten, and says after which one the watch was over.
    private func end(_ marks: [(router: RouterID, second: Double)], last: Set<Int> = []) -> (WatchEnd, Int?) {
        var end = WatchEnd(of: Samples.baton, from: Samples.start, until: Samples.start + .seconds(10))
        for (index, mark) in marks.enumerated() {
            end.take(
                RouterMark(
                    model: "iris", baton: Samples.baton, router: mark.router,
                    through: Samples.start + .milliseconds(Int64(mark.second * 1000)), isLast: last.contains(index),
                    isWitness: mark.router == Self.witness ? true : nil),
                at: .init(partition: 0, offset: Int64(index)))
            if end.isOver { return (end, index) }
        }
        return (end, nil)
    }

    @Test("is behind the mark with which the last router is past the period")
    func together() {
        let marks = [(Self.a, 9.0), (Self.b, 9.1), (Self.a, 10.0), (Self.b, 10.1), (Self.a, 11.0)]
        let (end, index) = end(marks)
        #expect(index == 3 && end.end(of: 0) == 4)
        #expect(end.admits(.init(partition: 0, offset: 3)) && !end.admits(.init(partition: 0, offset: 4)))
        #expect(end.admits(.init(partition: 1, offset: 9)))
        #expect(end.routers.map(\.isComplete) == [true, true])
    }

    @Test("comes after ten seconds of others' marks for one that says nothing any more, and says since when")
    func silent() {
        let others = (0...12).map { (Self.a, 9.0 + Double($0)) }
        let (end, index) = end([(Self.b, 8.2)] + others)
        #expect(index == 12)
        #expect(end.routers.map(\.isComplete) == [true, false])
        #expect(end.routers.last?.heardUntil == Samples.start + .milliseconds(8200))
    }

    @Test("does not count an outage as silence, and gives a moment to who comes back later")
    func outage() {
        // Both were cut off from 8 s to 40 s; a is back a little before b.
        let (end, index) = end([
            (Self.a, 7.0), (Self.b, 7.5), (Self.a, 8.0), (Self.a, 40.0), (Self.a, 41.0), (Self.b, 8.5), (Self.b, 41.5),
            (Self.a, 42.0),
        ])
        #expect(index == 7)
        #expect(end.routers.map(\.isComplete) == [true, true])
    }

    @Test("does not wait for a router that rests, nor for one whose instance has begun anew")
    func gone() {
        #expect(end([(Self.b, 5.0), (Self.a, 9.5), (Self.a, 10.5)], last: [0]).1 == 2)
        let anew = RouterID(instance: "b", startedAt: Samples.start + .seconds(6))
        let (end, index) = end([
            (Self.b, 5.0), (anew, 8.9), (Self.a, 9.5), (anew, 9.9), (Self.a, 10.5), (anew, 10.9),
        ])
        #expect(index == 5)
        #expect(end.routers.map(\.isComplete) == [true, false, true])
    }

    @Test("is told by a witness where no router is left, and soon where there never was one")
    func witnessed() {
        let told = (0...12).map { (Self.witness, 10.0 + Double($0)) }
        let (end, index) = end([(Self.a, 4.0)] + told)
        #expect(index == 11)
        #expect(end.routers.map(\.router) == [Self.a])
        #expect(self.end(told).0.routers.isEmpty && self.end(told).1 == 3)
    }

    @Test("of a router counts what is missing among its numbers in the period, and no more")
    func missing() throws {
        var end = WatchEnd(of: Samples.baton, from: Samples.start, until: Samples.start + .seconds(10))
        var (generator, offset) = (SeededGenerator(seed: 1), Int64(0))
        func answer(_ number: Int64, at second: Int64) throws {
            var prediction = try Samples.prediction(&generator, atMilliseconds: second * 1000)
            (prediction.router, prediction.number) = (Self.a, number)
            end.take(prediction, at: .init(partition: 0, offset: offset))
            offset += 1
        }
        func mark(_ written: Int64, at second: Int64, dropped: Int64 = 0) {
            let mark = RouterMark(
                model: "iris", baton: Samples.baton, router: Self.a, through: Samples.start + .seconds(second),
                written: written, dropped: dropped)
            end.take(mark, at: .init(partition: 0, offset: offset))
            offset += 1
        }
        try answer(1, at: -3)
        try answer(5, at: -2)
        mark(6, at: -1, dropped: 4)
        try answer(7, at: 1)
        try answer(9, at: 2)
        mark(11, at: 9, dropped: 6)
        mark(12, at: 10, dropped: 6)
        try answer(20, at: 12)
        #expect(end.routers.first?.missed == 4 && end.routers.first?.dropped == 2)
    }

    @Test("is the same however fast it is read and wherever the watch starts again", arguments: UInt64(0)..<60)
    func repeated(seed: UInt64) throws {
        let log = try SimulatedLog(seed: seed)
        func read(_ items: [WatchRecord], by batch: (inout SeededGenerator) -> Int) throws -> WatchReport? {
            var (course, generator, rest) = (WatchCourse(try Samples.plan()), SeededGenerator(seed: seed), items[...])
            while !rest.isEmpty, !course.end.isOver {
                let count = batch(&generator)
                course.take(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            return course.end.isOver ? course.report(from: [0: 0]) : nil
        }
        let report = try #require(try read(log.items) { _ in 1 })
        #expect(try read(log.items) { _ in .max } == report)
        #expect(try read(log.items) { Int.random(in: 1...50, using: &$0) } == report)
        // Cut anywhere: either it is not over yet, or it is over with the same report.
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<5 {
            let part = Array(log.items.prefix(Int.random(in: 0...log.items.count, using: &generator)))
            let early = try read(part) { Int.random(in: 1...50, using: &$0) }
            #expect(early == nil || early == report)
        }
        // What a router answered is counted, told as missed, or may be missing because the router was not heard out.
        let routers = try #require(report.routers)
        for router in routers where router.isComplete {
            let counted = log.counted(of: router.router, before: report, in: log.items)
            let answered = log.answered[router.router, default: 0]
            #expect(counted <= answered && answered <= counted + Int(router.missed), "\(router)")
        }
        #expect(log.hasKills || Set(routers.map(\.router)) == Set(log.answered.keys))
        #expect(log.hasKills || !routers.contains { !$0.isComplete })
    }
}
