// SPDX-License-Identifier: Apache-2.0

import Baton
import Operations

/// What is counted of the race.
struct RaceMeters: Sendable {
    private let batons: [Phase: Gauge]
    private let takeovers: [Leg: Counter]
    private let superseded: Counter

    init(_ metrics: Metrics) {
        batons = Dictionary(
            uniqueKeysWithValues: Phase.allCases.map { phase in
                (
                    phase,
                    metrics.gauge(
                        "relay_captain_batons", help: "Batons of the partitions that this captain owns.",
                        labels: ["phase": phase.rawValue])
                )
            })
        takeovers = Dictionary(
            uniqueKeysWithValues: Leg.allCases.map { leg in
                (
                    leg,
                    metrics.counter(
                        "relay_captain_takeovers_total", help: "Times that the other lane of a leg was sent.",
                        labels: ["leg": leg.rawValue])
                )
            })
        superseded = metrics.counter(
            "relay_captain_superseded_total", help: "Handoffs that came too late or twice and changed nothing.")
    }

    func show(_ counts: [Phase: Int]) {
        for (phase, gauge) in batons { gauge.set(Double(counts[phase, default: 0])) }
    }

    func count(_ entry: JournalEntry) {
        switch entry.action {
        case .takeoverOrdered: if let leg = entry.duty?.leg { takeovers[leg]?.add() }
        case .handoffSuperseded: superseded.add()
        default: break
        }
    }
}
