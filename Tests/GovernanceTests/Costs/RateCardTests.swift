// SPDX-License-Identifier: Apache-2.0

import Baton
import TestSupport
import Testing

@testable import Costs
@testable import StrictYAML

@Suite("Rate card")
struct RateCardTests {
    private func card(_ picos: Int64) -> RateCard {
        RateCard(
            currency: "USD",
            prices: Dictionary(uniqueKeysWithValues: Usage.Resource.allCases.map { ($0, picos) }))
    }

    @Test(
        "prices are exact, and rounded once",
        arguments: [
            (Usage.Resource.cpuSeconds, 1.0, 13_333_333, 13), (.cpuSeconds, 3, 13_333_333, 40),
            (.requests, 1, 499_999, 0), (.requests, 1, 500_000, 1), (.requests, 3, 500_000, 2),
            (.requests, 1e12, 400_000, 400_000_000_000), (.storedBytes, 1_073_741_824, 23_000_000_000, 23_000),
            (.movedBytes, 536_870_912, 90_000_000_001, 45_000), (.movedBytes, 1, 1, 0), (.cpuSeconds, 0, 1, 0),
            (.cpuSeconds, 0.1, 10_000_000, 1), (.cpuSeconds, .leastNonzeroMagnitude, Int64.max, 0),
            (.cpuSeconds, 0x1p70, 1, 1_180_591_620_717_411),
        ] as [(Usage.Resource, Double, Int64, Int64)])
    func exact(resource: Usage.Resource, amount: Double, picos: Int64, micros: Int64) throws {
        #expect(try card(picos).price(of: resource, amount: amount) == Samples.dollars(micros))
    }

    @Test("whole amounts are priced as whole numbers are multiplied", arguments: UInt64(1)...5)
    func wholeAmounts(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let amount = Int64.random(in: 0...(1 << 40), using: &generator)
            let picos = Int64.random(in: 0...1_000_000_000_000, using: &generator)
            let exact = (Int128(amount) * Int128(picos) + 500_000) / 1_000_000
            if let exact = Int64(exactly: exact) {
                #expect(try card(picos).price(of: .requests, amount: Double(amount)).micros == exact)
                let perByte = (Int128(amount) * Int128(picos) + 500_000 << 30) / (1_000_000 << 30)
                #expect(
                    try card(picos).price(of: .movedBytes, amount: Double(amount)).micros == Int64(exactly: perByte))
            }
        }
    }

    @Test("what is no amount has no price", arguments: [-1, .nan, .infinity, 1e30])
    func noAmount(amount: Double) {
        #expect(throws: RateCard.Unpriceable.self) { try card(1_000_000).price(of: .cpuSeconds, amount: amount) }
    }

    @Test("a rate card is read exactly")
    func read() throws {
        let card = try RateCard(
            yaml: """
                currency: EUR
                prices: {cpuSecond: 0.000013333333, storedGibibyte: 2.3e-2, request: 4e-7, movedGibibyte: 1}
                """)
        #expect(card.currency == "EUR")
        #expect(
            card.prices == [
                .cpuSeconds: 13_333_333, .storedBytes: 23_000_000_000, .requests: 400_000,
                .movedBytes: 1_000_000_000_000,
            ])
    }

    @Test("a rate card that is wrong is refused with every problem named")
    func problems() {
        let refusal = #expect(throws: Refusal.self) {
            try RateCard(yaml: "currency: euro\nprices: {cpuSecond: -1, request: x, gpuSecond: 1, movedGibibyte: 1e9}")
        }
        for problem in [
            "currency", "prices.cpuSecond", "prices.request", "prices.gpuSecond", "prices.storedGibibyte is missing",
            "prices.movedGibibyte (line 2) is too large",
        ] {
            #expect(refusal?.problems.contains { $0.contains(problem) } == true, "\(problem) in \(refusal!)")
        }
    }

    @Test("amounts are read from text without loss, or not at all")
    func decimals() throws {
        #expect(try DecimalText.scaled("0", places: 6) == 0)
        #expect(try DecimalText.scaled("12.345678", places: 6) == 12_345_678)
        #expect(try DecimalText.scaled("1.50000000", places: 6) == 1_500_000)
        #expect(try DecimalText.scaled("1E3", places: 0) == 1000)
        #expect(throws: DecimalText.Problem.tooPrecise) { try DecimalText.scaled("0.0000001", places: 6) }
        #expect(throws: DecimalText.Problem.tooLarge) { try DecimalText.scaled("99999999999999", places: 6) }
        for text in ["", ".", "1.", ".5", "-1", "+1", "1,5", "1_000", "0x10", "1e", "١"] {
            #expect(throws: DecimalText.Problem.notANumber, "\(text)") { try DecimalText.scaled(text, places: 6) }
        }
    }
}
