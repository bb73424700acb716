// SPDX-License-Identifier: Apache-2.0

package import Baton

/// The answer to `GET /batons`: a `BatonList` and more.
package struct BatonListAnswer: Encodable {
    let now: Timestamp
    /// False while this captain still reads what happened before it started.
    let complete: Bool
    let batons: [ListedBaton]

    /// - Parameters:
    ///   - complete: False while this captain still reads what happened before it started.
    ///   - batons: Newest first.
    package init(now: Timestamp, complete: Bool, batons: [ListedBaton]) {
        self.now = now
        self.complete = complete
        self.batons = batons
    }
}

/// A `BatonLine`, with what only a clock can tell.
package struct ListedBaton: Encodable {
    let line: BatonLine
    let summary: BatonSummary

    /// - Parameter line: What other programs read.
    package init(line: BatonLine, summary: BatonSummary) {
        self.line = line
        self.summary = summary
    }

    private enum Key: CodingKey { case leg, phase, elapsedSeconds, ageSeconds, takeovers, superseded }

    package func encode(to encoder: any Encoder) throws {
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
    let shown: ShownBaton

    /// - Parameters:
    ///   - report: What other programs read.
    ///   - shown: What the screen shows of the same baton.
    package init(report: BatonReport, shown: ShownBaton) {
        self.report = report
        self.shown = shown
    }

    private enum Key: CodingKey { case summary, signals, traffic }

    package func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(shown.summary, forKey: .summary)
        try container.encode(shown.signals, forKey: .signals)
        try container.encodeIfPresent(shown.traffic, forKey: .traffic)
    }
}
