// SPDX-License-Identifier: Apache-2.0

import Baton
import ShownText

/// What `relay judge` found, as other programs read it.
struct JudgeReport: Codable, Sendable, Equatable {
    /// One rule, and what it came to.
    struct RuleLine: Codable, Sendable, Equatable {
        var rule: String
        var law: String
        /// Facts looked at.
        var facts: Int
        /// What is still to follow.
        var open: Int
        var violations: Int
        var note: String?
    }

    /// One thing that is wrong, and where that shows.
    struct ViolationLine: Codable, Sendable, Equatable {
        var rule: String
        var kind: String
        /// nil for what the screen's feed shows.
        var topic: String?
        var partition: Int32?
        var offset: Int64?
        var baton: BatonID?
        var found: String
        var expected: String
    }

    /// Whether no rule is broken.
    var passed: Bool
    var judgedAt: Timestamp
    /// Records that a rule looked at.
    var records: Int
    /// Whether all batons had ended and nothing was still to follow; nil unless that was waited for.
    var settled: Bool?
    var rules: [RuleLine]
    var violations: [ViolationLine]

    init(_ judgements: [Judgement], at now: Timestamp, records: Int, settled: Bool?, topics: Topics) {
        violations = judgements.flatMap(\.verdict.violations).map { violation in
            ViolationLine(
                rule: violation.rule, kind: violation.kind, topic: violation.place?.channel.name(topics),
                partition: violation.place?.partition, offset: violation.place?.offset, baton: violation.baton,
                found: violation.found, expected: violation.expected)
        }
        rules = judgements.map { judgement in
            RuleLine(
                rule: judgement.rule, law: judgement.law, facts: judgement.verdict.looked,
                open: judgement.verdict.open, violations: judgement.verdict.violations.count,
                note: judgement.verdict.note)
        }
        passed = violations.isEmpty
        judgedAt = now
        self.records = records
        self.settled = settled
    }
}

extension JudgeReport {
    /// Violations that the text shows; JSON has them all.
    private static let shown = 50

    /// The report for people: a table of the rules, then what is wrong.
    func lines(hasColour: Bool) -> [String] {
        var lines = ["  rule          facts    open  broken"]
        for rule in rules {
            let ink: Ink = rule.violations == 0 ? .green : .red
            let numbers =
                "\(rule.rule.padded(13))" + String(rule.facts).leftPadded(6) + String(rule.open).leftPadded(8)
                + String(rule.violations).leftPadded(8)
            let note = rule.note.map { "  (\($0.shown()))" } ?? ""
            lines.append(
                ink.paint(rule.violations == 0 ? "✔" : "✘", hasColour) + " \(numbers)  \(rule.law)"
                    + Ink.faint.paint(note, hasColour))
        }
        lines.append("")
        for violation in violations.prefix(Self.shown) { lines += violation.lines(hasColour) }
        if violations.count > Self.shown {
            lines.append("and \(violations.count - Self.shown) more; --output json lists them all")
        }
        let open = rules.reduce(0) { $0 + $1.open }
        let end = settled.map { $0 ? ", settled" : ", not settled" } ?? ""
        lines.append("\(records) records, \(violations.count) violations, \(open) still to follow\(end)")
        return lines
    }
}

extension JudgeReport.ViolationLine {
    /// Where it shows: `relay.journal partition 3 offset 17`.
    var place: String {
        guard let topic, let partition, let offset else { return "the feed" }
        return "\(topic) partition \(partition) offset \(offset)"
    }

    fileprivate func lines(_ hasColour: Bool) -> [String] {
        [
            Ink.red.paint("BROKEN", hasColour) + "  \(rule)/\(kind)  \(place)" + (baton.map { "  baton \($0)" } ?? ""),
            "        found     \(found.shown())",
            "        expected  \(expected.shown())",
        ]
    }
}

extension String {
    /// Right-aligned in `width` columns.
    fileprivate func leftPadded(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
