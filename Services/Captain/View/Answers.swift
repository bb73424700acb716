// SPDX-License-Identifier: Apache-2.0

import Baton

/// The answer to `GET /batons`: a `BatonList` and more.
package struct BatonListAnswer: Encodable {
    let now: Timestamp
    /// False while this captain still reads what happened before it started.
    let complete: Bool
    let batons: [ListedBaton]
}

/// A `BatonLine`, with what only a clock can tell.
struct ListedBaton: Encodable {
    let line: BatonLine
    let summary: BatonSummary

    private enum Key: CodingKey { case leg, phase, elapsedSeconds, ageSeconds, takeovers, superseded }

    func encode(to encoder: any Encoder) throws {
        try line.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(summary.leg, forKey: .leg)
        try container.encode(summary.phase, forKey: .phase)
        try container.encode(summary.elapsedSeconds, forKey: .elapsedSeconds)
        try container.encode(summary.ageSeconds, forKey: .ageSeconds)
        try container.encode(summary.takeovers, forKey: .takeovers)
        try container.encode(summary.superseded, forKey: .superseded)
    }
}

/// The answer to `GET /batons/{id}`: a `BatonReport` and more.
package struct BatonAnswer: Encodable {
    let report: BatonReport
    let summary: BatonSummary
    let signals: [Signal]
    let traffic: TrafficReport?

    private enum Key: CodingKey { case summary, signals, traffic }

    package func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(summary, forKey: .summary)
        try container.encode(signals, forKey: .signals)
        try container.encodeIfPresent(traffic, forKey: .traffic)
    }
}
