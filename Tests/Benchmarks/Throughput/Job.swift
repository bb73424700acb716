// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// What a contender has to do, as it is told on its command line.
struct Job: ParsableArguments, Sendable {
    @Option var servers: String
    @Option var input: String
    @Option var output: String
    /// Names the group, and what else must be its own.
    @Option var name: String
    @Option var perTransaction: Int
    @Option var producers: Int
    /// To be measured, after the first transactions.
    @Option var seconds: Double = 2
    /// Records in the input.
    @Option var available: Int = .max
    @Option var lingerMilliseconds: Int = 0
    /// Each transaction waits until it has all its records.
    @Flag var fillsTransactions = false
    /// Write into each record when it was taken into a transaction.
    @Flag var stamps = false
}

/// Counts what was committed after the first transactions, which find coordinators and open connections.
struct CommitMeter {
    static let warmUp = 4

    let seconds: Double
    private var commits = 0
    private var begun: UInt64 = 0
    private var ended: UInt64 = 0
    private var records = 0

    init(seconds: Double) { self.seconds = seconds }

    /// Notes a transaction that was committed just now.
    /// - Returns: Whether enough was measured.
    mutating func committed(_ count: Int) -> Bool {
        commits += 1
        ended = monotonicNanoseconds()
        if commits <= Self.warmUp {
            begun = ended
            return false
        }
        records += count
        return milliseconds(from: begun, to: ended) >= seconds * 1000
    }

    var report: ContenderReport {
        ContenderReport(
            records: records, seconds: milliseconds(from: begun, to: ended) / 1000,
            transactions: max(0, commits - Self.warmUp))
    }
}

/// What a contender prints at its end, as one line of JSON.
struct ContenderReport: Codable, Sendable {
    var records: Int
    var seconds: Double
    var transactions: Int

    var rate: Double { Double(records) / seconds }
    var perTransaction: Double { Double(records) / Double(max(1, transactions)) }
}
