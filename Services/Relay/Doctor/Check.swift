// SPDX-License-Identifier: Apache-2.0

import ShownText

/// One thing that the doctor looked at, and what it thinks of it.
struct Check: Encodable, Sendable, Equatable {
    /// What belongs together.
    enum Group: String, Encodable, Sendable, CaseIterable {
        case cluster, topics, permissions, groups, versions, ledger, clock, disk
        case deadLetters = "dead letters"
    }

    enum Severity: String, Encodable, Sendable {
        case ok
        /// It works, but it is worth a look.
        case warning
        case problem
        /// It could not be looked at.
        case unknown
    }

    let group: Group
    let name: String
    let severity: Severity
    let finding: String
    /// What to do; nil where there is nothing to be done.
    let remedy: String?

    private init(_ group: Group, _ name: String, _ severity: Severity, _ finding: String, _ remedy: String?) {
        (self.group, self.name, self.severity, self.finding, self.remedy) = (group, name, severity, finding, remedy)
    }

    static func ok(_ group: Group, _ name: String, _ finding: String) -> Check {
        Check(group, name, .ok, finding, nil)
    }

    static func warning(_ group: Group, _ name: String, _ finding: String, do remedy: String) -> Check {
        Check(group, name, .warning, finding, remedy)
    }

    static func problem(_ group: Group, _ name: String, _ finding: String, do remedy: String) -> Check {
        Check(group, name, .problem, finding, remedy)
    }

    static func unknown(_ group: Group, _ name: String, _ reason: String) -> Check {
        Check(group, name, .unknown, "could not be looked at: \(reason)", nil)
    }
}

/// Everything that the doctor found; also its JSON form.
struct Diagnosis: Encodable, Sendable, Equatable {
    let version: String
    let checks: [Check]
    /// Whether the cluster answered at all.
    let couldLook: Bool

    /// 0 healthy, 1 problems, 2 the cluster could not be looked at.
    var exitCode: Int32 {
        guard couldLook else { return 2 }
        return checks.contains { $0.severity == .problem || $0.severity == .unknown } ? 1 : 0
    }

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
