// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation

/// What a race was, and how it ended: measured, or left out.
struct ChaosReport: Codable, Sendable {
    struct Machine: Codable, Sendable {
        var processor: String
        var cores: Int
        var memoryGibibytes: Int
        var system: String
    }

    struct Batons: Codable, Sendable {
        var requested = 0
        var byEnding: [String: Int] = [:]
        /// Why batons were dropped, without digits.
        var drops: [String: Int] = [:]
        var duplicatesIgnored = 0
        var malformed = 0
        var cancelsTaken = 0
    }

    /// Milliseconds.
    struct Times: Codable, Sendable {
        var takeovers = 0
        var takeoverMedian: Int64?
        var takeoverWorst: Int64?
        var endToEndMedian: Int64?
        var endToEndWorst: Int64?
        /// From the end of the last fault until everything had ended.
        var settling: Int64?
    }

    var seed: UInt64
    var raceSeconds: Double
    var machine: Machine
    var faults: [String: Int] = [:]
    /// Kinds that were left out, with the reason.
    var leftOut: [String: String] = [:]
    var batons = Batons()
    var times = Times()
    var takeoversOrdered = 0
    var superseded = 0
    /// Processes that ended without having been ended, by name and how.
    var ownEnds: [String: Int] = [:]
    var uncleanStops: [String] = []
    var violations: [String] = []
    var judges: [OutsideJudges.Verdict] = []
    var lastEvents: [String] = []
    /// Kept when something was wrong.
    var directory: String?

    var isClean: Bool { violations.isEmpty && judges.allSatisfy(\.isClean) }

    mutating func take(_ tally: Tally, _ sent: LoadGenerator.Sent, races: ContinuousClock.Instant) {
        batons.requested = tally.requested.count
        batons.byEnding = tally.endings.values.reduce(into: [:]) { $0[$1.rawValue, default: 0] += 1 }
        batons.drops = tally.drops
        batons.duplicatesIgnored = tally.duplicates
        batons.malformed = sent.malformed
        batons.cancelsTaken = sent.cancels
        takeoversOrdered = tally.takeoversOrdered
        superseded = tally.superseded
        let takeovers = tally.takeovers.map(\.milliseconds).sorted()
        let whole = tally.endedAt.compactMap { baton, end in sent.begun[baton].map { (end - $0).milliseconds } }
            .sorted()
        times.takeovers = takeovers.count
        times.takeoverMedian = takeovers.median
        times.takeoverWorst = takeovers.last
        times.endToEndMedian = whole.median
        times.endToEndWorst = whole.last
        times.settling = tally.endedAt.values.max().map { max(0, ($0 - races).milliseconds) }
    }
}

extension [Int64] {
    /// The middle one of sorted numbers; nil when there are none.
    fileprivate var median: Int64? { isEmpty ? nil : self[count / 2] }
}

extension ChaosReport.Machine {
    static func current() -> ChaosReport.Machine {
        let processors = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let name = processors.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
        let version = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        return ChaosReport.Machine(
            processor: name.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            memoryGibibytes: Int(ProcessInfo.processInfo.physicalMemory >> 30),
            system: "Linux " + version.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
