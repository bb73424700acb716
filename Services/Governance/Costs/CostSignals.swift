// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Says what each baton costs as it changes, and when its budget runs short; not more often than people can read.
package struct CostSignals: Sendable {
    private struct Meter {
        var said: Int64?
        var saidAt: Timestamp?
        var current: Int64 = 0
        var budget: Int64?
        var level = Signal.Level.info
    }

    /// At least this long passes between two signals about one baton.
    let interval: Duration
    let currency: String
    private var meters: [BatonID: Meter] = [:]
    private var unsaid: Set<BatonID> = []

    /// - Parameter interval: at least so long passes between two signals about one baton.
    package init(currency: String, interval: Duration = .milliseconds(250)) {
        self.currency = currency
        self.interval = interval
    }

    /// A baton costs this much now.
    /// - Parameter silently: it is history, of which nobody needs to hear.
    package mutating func set(total: Money, of baton: BatonID, silently: Bool = false) {
        var meter = meters[baton] ?? Meter()
        meter.current = total.micros
        if silently {
            meter.said = meter.current
            meter.level = level(meter)
        }
        if meter.said != meter.current { unsaid.insert(baton) } else { unsaid.remove(baton) }
        meters[baton] = meter
    }

    /// A release declares what it may cost. A budget in another currency cannot be compared and is left out.
    package mutating func set(budget: Money, of baton: BatonID, silently: Bool = false) {
        guard budget.currency == currency, meters[baton]?.budget != budget.micros else { return }
        var meter = meters[baton] ?? Meter()
        meter.budget = budget.micros
        if silently { meter.level = level(meter) }
        if level(meter) != meter.level { unsaid.insert(baton) }
        meters[baton] = meter
    }

    /// What is to be said at this moment.
    package mutating func take(at now: Timestamp) -> [Signal] {
        var signals: [Signal] = []
        for baton in unsaid.sorted() {
            guard var meter = meters[baton], due(meter) <= now else { continue }
            unsaid.remove(baton)
            if meter.said != meter.current { signals.append(cost(of: baton, meter, now)) }
            let level = level(meter)
            if level != meter.level { signals.append(budget(of: baton, meter, level, now)) }
            meter.said = meter.current
            meter.saidAt = now
            meter.level = level
            meters[baton] = meter
        }
        return signals
    }

    /// When there is next something to say; nil when there is nothing.
    package var nextDue: Timestamp? { unsaid.compactMap { meters[$0].map(due) }.min() }

    private func due(_ meter: Meter) -> Timestamp {
        meter.saidAt.map { $0 + interval } ?? Timestamp(milliseconds: .min)
    }

    /// Warning from 80 % of the budget, critical once it is used up.
    private func level(_ meter: Meter) -> Signal.Level {
        guard let budget = meter.budget else { return .info }
        if meter.current >= budget { return .critical }
        return meter.current >= budget - budget / 5 ? .warning : .info
    }

    private func cost(of baton: BatonID, _ meter: Meter, _ now: Timestamp) -> Signal {
        let total = Money(micros: meter.current, currency: currency)
        return Signal(
            name: "cost", level: .info, baton: baton, model: nil, text: "The baton has cost \(total) so far.",
            values: ["total": Double(total.micros) / 1_000_000], at: now)
    }

    private func budget(of baton: BatonID, _ meter: Meter, _ level: Signal.Level, _ now: Timestamp) -> Signal {
        let total = Money(micros: meter.current, currency: currency)
        let budget = Money(micros: meter.budget ?? 0, currency: currency)
        let text =
            switch level {
            case .critical: "The baton has used up its budget: \(total) of \(budget)."
            case .warning: "The baton has used over 80 % of its budget: \(total) of \(budget)."
            case .info: "The baton is within its budget again: \(total) of \(budget)."
            }
        return Signal(
            name: "budget", level: level, baton: baton, model: nil, text: text,
            values: [
                "total": Double(total.micros) / 1_000_000, "budget": Double(budget.micros) / 1_000_000,
            ], at: now)
    }
}
