// SPDX-License-Identifier: Apache-2.0

import Judge
import RaceView
import RelayTerminal
import ShownText

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
