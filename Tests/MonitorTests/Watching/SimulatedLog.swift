// SPDX-License-Identifier: Apache-2.0

import Baton
import TestSupport

@testable import Watching

/// What routers write of a release around a watch of ten seconds, in the order in which Kafka has it: with an outage,
/// kills, new starts, and answers that are left out, as the seed wants it.
struct SimulatedLog {
    private(set) var items: [WatchRecord] = []
    /// What each router answered in the period, also what it left out or lost with its process.
    private(set) var answered: [RouterID: Int] = [:]
    private(set) var hasKills = false

    private struct Written {
        let at: Int64
        let content: WatchRecord.Content
    }

    private var log: [Written] = []
    private let outage: Range<Int64>

    init(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let start = Int64.random(in: 1_000...11_000, using: &generator)
        outage = start..<start + Int64.random(in: 1...12_000, using: &generator)
        for name in ["a", "b", "c"].prefix(Int.random(in: 1...3, using: &generator)) {
            var begin = Int64.random(in: -2_000...500, using: &generator)
            while begin < 30_000 {
                let isKilled = Int.random(in: 0..<4, using: &generator) == 0
                let end = isKilled ? begin + Int64.random(in: 1_500...9_000, using: &generator) : 40_000
                hasKills = hasKills || isKilled
                try run(name, begin..<end, &generator)
                begin = end + 800
            }
        }
        // Those who watch tell the time, too.
        let witness = RouterID(instance: "m", startedAt: Samples.start)
        for time in stride(from: Int64(10_000), to: 40_000, by: 1_000) where !outage.contains(time) {
            log.append(Written(at: time, content: .mark(Self.mark(witness, time, isWitness: true))))
        }
        items = log.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.enumerated().map {
            WatchRecord(
                place: .init(partition: 0, offset: Int64($0.offset)), content: $0.element.element.content)
        }
    }

    private static func mark(
        _ router: RouterID, _ time: Int64, written: Int64 = 0, dropped: Int64 = 0, isWitness: Bool? = nil
    ) -> RouterMark {
        RouterMark(
            model: "iris", baton: Samples.baton, router: router, through: Samples.start + .milliseconds(time),
            written: written, dropped: dropped, isWitness: isWitness)
    }

    /// One run of a router: answers at random, a mark a second, one under way at a time.
    private mutating func run(_ name: String, _ life: Range<Int64>, _ generator: inout SeededGenerator) throws {
        let router = RouterID(instance: name, startedAt: Samples.start + .milliseconds(life.lowerBound))
        let delay = Int64.random(in: 0...1_000, using: &generator)
        // What is written during the outage arrives when the way back has been found.
        func arrival(_ time: Int64) -> Int64 {
            outage.lowerBound <= time && time < outage.upperBound + delay ? outage.upperBound + delay : time + 2
        }
        var (number, dropped, nextMark) = (Int64(0), Int64(0), life.lowerBound)
        var time = life.lowerBound
        while time < life.upperBound {
            if time >= nextMark {
                let arrives = arrival(time)
                if arrives < life.upperBound {
                    log.append(
                        Written(
                            at: arrives, content: .mark(Self.mark(router, time, written: number, dropped: dropped))))
                }
                nextMark = max(time + 1_000, arrives)
            }
            number += 1
            let isDropped = Int.random(in: 0..<20, using: &generator) == 0
            if isDropped { dropped += 1 }
            if !isDropped, arrival(time) < life.upperBound {
                var prediction = try Samples.prediction(&generator, atMilliseconds: time)
                (prediction.router, prediction.number) = (router, number)
                log.append(Written(at: arrival(time), content: .prediction(prediction)))
            }
            if (0..<10_000).contains(time) { answered[router, default: 0] += 1 }
            time += Int64.random(in: 20...300, using: &generator)
        }
    }

    /// How many answers of a router in the period lie in front of the end of the watch.
    func counted(of router: RouterID, before report: WatchReport, in items: [WatchRecord]) -> Int {
        var end = WatchEnd(of: Samples.baton, from: report.total.from, until: report.total.to)
        var count = 0
        for item in items where end.admits(item.place) {
            switch item.content {
            case .prediction(let prediction):
                end.take(prediction, at: item.place)
                let isInside = report.total.from <= prediction.at && prediction.at < report.total.to
                if isInside, prediction.router == router { count += 1 }
            case .mark(let mark): end.take(mark, at: item.place)
            case .unreadable: break
            }
        }
        return count
    }
}
