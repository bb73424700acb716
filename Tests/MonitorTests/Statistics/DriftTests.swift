// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Statistics

@Suite("Drift")
struct DriftTests {
    private func column(_ count: Int, _ seed: UInt64, _ draw: (inout SeededGenerator) -> Double?) -> [Double?] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in draw(&generator) }
    }

    private func stability(_ reference: [Double?], _ live: [Double?], chance: Double = 0.001) -> StabilityIndex {
        let bins = ReferenceBins(reference)
        var counts = [Int](repeating: 0, count: bins.counts.count)
        for value in live { counts[bins.place(of: value)] += 1 }
        return StabilityIndex(bins, live: counts, chance: chance)
    }

    private static let populations: [(name: String, draw: @Sendable (inout SeededGenerator) -> Double?)] = [
        ("normal", { $0.normal() }),
        ("skewed", { generator in generator.normal() * generator.normal() * generator.normal() }),
        ("mostly zero", { Int.random(in: 0..<10, using: &$0) < 6 ? 0 : $0.normal() }),
        ("counts", { Double(Int.random(in: 0..<30, using: &$0)) }),
        ("two values", { Int.random(in: 0..<5, using: &$0) == 0 ? 1 : 0 }),
        ("rare values", { Double(Int.random(in: 0..<200, using: &$0) < 3 ? 7 : 1) }),
        ("missing now and then", { Int.random(in: 0..<8, using: &$0) == 0 ? nil : $0.normal() }),
        ("constant", { _ in 3.25 }),
    ]

    @Test(
        "the index of a sample of the same population exceeds the noise no more often than stated",
        arguments: [(455, 100), (455, 20), (60, 60), (1000, 300), (100, 2000)])
    func falseAlarms(reference: Int, live: Int) {
        let seeds = UInt64(1)...400
        for population in Self.populations {
            let alarms = seeds.count { seed in
                let index = stability(
                    column(reference, seed, population.draw), column(live, seed + 1_000_000, population.draw),
                    chance: 0.01)
                return index.index > index.noise
            }
            // 4 of 400 are expected; more than 13 would come up once in 10,000 tries.
            #expect(alarms <= 13, "\(alarms) of \(seeds.count): \(population.name), \(reference) and \(live) rows")
        }
    }

    @Test("a shift by one standard deviation is found in 100 rows", arguments: UInt64(1)...100)
    func shift(seed: UInt64) {
        let index = stability(column(455, seed) { $0.normal() }, column(100, seed + 500) { $0.normal() + 1 })
        #expect(index.index > max(0.25, index.noise))
    }

    @Test("a spread, a stuck value, a new value and missing values are found", arguments: UInt64(1)...50)
    func otherDrifts(seed: UInt64) {
        let reference = column(455, seed) { $0.normal() }
        let drifts: [(name: String, live: [Double?])] = [
            ("spread", column(200, seed + 500) { $0.normal() * 3 }),
            ("stuck", column(200, seed + 500) { _ in 0.1 }),
            ("missing", column(200, seed + 500) { Bool.random(using: &$0) ? nil : $0.normal() }),
            ("out of range", column(200, seed + 500) { Int.random(in: 0..<3, using: &$0) == 0 ? 99 : $0.normal() }),
        ]
        for drift in drifts {
            let index = stability(reference, drift.live)
            #expect(index.index > max(0.2, index.noise), "\(drift.name): \(index)")
        }
        let constant = stability(column(455, seed) { _ in 3 }, column(200, seed) { _ in 2.5 })
        #expect(constant.index > max(0.2, constant.noise), "\(constant)")
    }

    @Test("equal shares have no index, and an empty sample says nothing")
    func zero() {
        let same = (0..<1000).map { Optional(Double($0)) }
        #expect(stability(same, same).index < 1e-12)
        #expect(stability(same, []).index == 0)
        #expect(stability([nil, nil], [nil]).index == 0)
    }

    @Test("deciles hold a tenth each, and ties keep together")
    func deciles() {
        let plain = ReferenceBins((0..<1000).map { Double($0) })
        #expect(plain.counts == [Int](repeating: 100, count: 10) + [0, 0])
        let tied = ReferenceBins((0..<1000).map { Double(max(0, $0 - 599)) })
        #expect(tied.counts == [600, 100, 100, 100, 100, 0, 0])
        #expect(tied.place(of: 0) == 0 && tied.place(of: 1) == 1)
    }

    @Test("a column of few values has a part for each, and knows what it never had")
    func values() {
        let bins = ReferenceBins([1, 1, 2, 5, nil, .nan])
        #expect(bins.counts == [2, 1, 1, 0, 2])
        #expect(bins.place(of: 2) == 1 && bins.place(of: 3) == bins.unseen && bins.place(of: 9) == bins.unseen)
        #expect(bins.place(of: nil) == bins.missing)
    }

    @Test("a number falls into the same part in single and in double precision", arguments: UInt64(1)...10)
    func precision(seed: UInt64) {
        let column = column(300, seed) { ($0.normal() * 100).rounded() / 100 }
        let bins = ReferenceBins(column)
        for value in column {
            let single = value.map { Double(Float($0)) }
            #expect(bins.place(of: single) == bins.place(of: value))
        }
    }
}
