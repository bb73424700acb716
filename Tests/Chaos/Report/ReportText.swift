// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ChaosReport {
    /// The report for people.
    var text: String { lines.joined(separator: "\n") }

    private var lines: [String] {
        var lines = [
            "", "seed            \(seed)", "race            \(Int(raceSeconds)) s",
            "machine         \(machine.processor), \(machine.cores) cores, \(machine.memoryGibibytes) GiB, "
                + machine.system,
            "faults          \(Self.list(faults))",
        ]
        lines += batons.drops.sorted { $0.key < $1.key }.map { "dropped         \($0.value): \($0.key)" }
        lines += leftOut.sorted { $0.key < $1.key }.map { "left out        \($0.key): \($0.value)" }
        lines += [
            "batons          \(batons.requested) requested; \(Self.list(batons.byEnding))",
            "requests        \(batons.duplicatesIgnored) duplicates ignored, \(batons.malformed) malformed, "
                + "\(batons.cancelsTaken) called off",
            "takeovers       \(takeoversOrdered) ordered, \(times.takeovers) ended in a handoff: "
                + "median \(Self.time(times.takeoverMedian)), worst \(Self.time(times.takeoverWorst))",
            "superseded      \(superseded) handoffs",
            "end to end      median \(Self.time(times.endToEndMedian)), worst \(Self.time(times.endToEndWorst))",
            "settled         \(Self.time(times.settling)) after the last fault",
            "own ends        \(Self.list(ownEnds))",
        ]
        lines += uncleanStops.map { "unclean stop    \($0)" }
        for judge in judges {
            lines += ["", "\(judge.isClean ? "clean" : "FOUND") \(judge.command)"]
            lines += judge.output.split(separator: "\n").suffix(judge.isClean ? 30 : 60).map { "    \($0)" }
        }
        lines += ["", "\(violations.count) violations"]
        lines += violations.prefix(50).map { "VIOLATION  \($0)" }
        if !isClean {
            lines += ["", "the schedule's last events:"] + lastEvents.map { "    \($0)" }
            lines += ["", "run it again with CHAOS_SEED=\(seed)"]
            if let directory { lines.append("logs and topics: \(directory)") }
        }
        return lines
    }

    private static func list(_ counts: [String: Int]) -> String {
        counts.isEmpty
            ? "none" : counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    private static func time(_ milliseconds: Int64?) -> String {
        milliseconds.map { Duration.milliseconds($0).text } ?? "-"
    }
}
