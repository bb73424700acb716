// SPDX-License-Identifier: Apache-2.0

import Doctor
import RaceView
import RelayTerminal
import ShownText

extension Diagnosis {
    func lines(hasColour: Bool) -> [String] {
        Check.Group.allCases.flatMap { group -> [String] in
            let own = checks.filter { $0.group == group }
            return own.isEmpty ? [] : [Ink.bold.paint(group.rawValue, hasColour)] + own.flatMap { $0.lines(hasColour) }
        } + ["", summary]
    }

    private var summary: String {
        func count(_ severity: Check.Severity) -> Int { checks.count { $0.severity == severity } }
        return "\(checks.count) checks: \(count(.problem)) problems, \(count(.warning)) warnings, "
            + "\(count(.unknown)) could not be looked at"
    }
}

extension Check {
    fileprivate func lines(_ hasColour: Bool) -> [String] {
        let (mark, ink): (String, Ink) =
            switch severity {
            case .ok: ("ok", .green)
            case .warning: ("warning", .yellow)
            case .problem: ("PROBLEM", .red)
            case .unknown: ("unknown", .yellow)
            }
        let head = "  \(ink.paint(mark.padded(9), hasColour))\(name.shown()): \(finding.shown())"
        return [head] + (remedy.map { ["           what to do: \($0.shown())"] } ?? [])
    }
}
