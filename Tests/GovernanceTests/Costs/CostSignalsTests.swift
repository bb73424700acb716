// SPDX-License-Identifier: Apache-2.0

import Baton
import TestSupport
import Testing

@testable import Costs

@Suite("Cost signals")
struct CostSignalsTests {
    private let baton = Samples.baton(1)

    private func signals(_ meter: inout CostSignals, _ milliseconds: Int64) -> [Signal] {
        meter.take(at: Samples.noon + .milliseconds(milliseconds))
    }

    @Test("a cost is told as it changes, and at most four times a second")
    func throttled() {
        var meter = CostSignals(currency: "USD")
        var told: [Double] = []
        for step in Int64(1)...100 {
            meter.set(total: Samples.dollars(step * 1_000_000), of: baton)
            told += signals(&meter, step * 10).compactMap { $0.values["total"] }
        }
        #expect(told == [1, 26, 51, 76])
        #expect(meter.nextDue == Samples.noon + .milliseconds(1010))
        #expect(signals(&meter, 1010).first?.values["total"] == 100)
        #expect(meter.nextDue == nil && signals(&meter, 5000).isEmpty)
    }

    @Test("history is not told again")
    func history() {
        var meter = CostSignals(currency: "USD")
        meter.set(total: Samples.dollars(5), of: baton, silently: true)
        meter.set(total: Samples.dollars(5), of: baton)
        #expect(signals(&meter, 0).isEmpty)
    }

    @Test("a budget that runs short is told of at 80 % and when it is used up, once each")
    func budget() {
        var meter = CostSignals(currency: "USD")
        meter.set(budget: Samples.dollars(100), of: baton)
        let levels = [50, 79, 80, 90, 99, 100, 150].enumerated().flatMap { step, cost in
            meter.set(total: Samples.dollars(Int64(cost)), of: baton)
            return signals(&meter, Int64(step) * 1000).filter { $0.name == "budget" }.map { "\($0.level) at \(cost)" }
        }
        #expect(levels == ["warning at 80", "critical at 100"])
    }

    @Test("a budget that becomes known late is compared at once")
    func lateBudget() {
        var meter = CostSignals(currency: "USD")
        meter.set(total: Samples.dollars(90), of: baton)
        #expect(signals(&meter, 0).map(\.name) == ["cost"])
        meter.set(budget: Money(micros: 1, currency: "EUR"), of: baton)
        meter.set(budget: Samples.dollars(100), of: baton)
        #expect(signals(&meter, 1000).map(\.level) == [.warning])
    }
}
