// SPDX-License-Identifier: Apache-2.0

import ShownText

/// One thing that the doctor looked at, and what it thinks of it.
package struct Check: Encodable, Sendable, Equatable {
    /// What belongs together.
    package enum Group: String, Encodable, Sendable, CaseIterable {
        case cluster, topics, permissions, groups, versions, ledger, clock, disk
        case deadLetters = "dead letters"
    }

    /// How bad it is.
    package enum Severity: String, Encodable, Sendable {
        case ok
        /// It works, but it is worth a look.
        case warning
        case problem
        /// It could not be looked at.
        case unknown
    }

    /// What it belongs to.
    package let group: Group
    /// What was looked at.
    package let name: String
    /// What the doctor thinks of it.
    package let severity: Severity
    /// What was found.
    package let finding: String
    /// What to do; nil where there is nothing to be done.
    package let remedy: String?

    private init(_ group: Group, _ name: String, _ severity: Severity, _ finding: String, _ remedy: String?) {
        (self.group, self.name, self.severity, self.finding, self.remedy) = (group, name, severity, finding, remedy)
    }

    /// It is as it should be.
    package static func ok(_ group: Group, _ name: String, _ finding: String) -> Check {
        Check(group, name, .ok, finding, nil)
    }

    /// It works, but it is worth a look.
    package static func warning(_ group: Group, _ name: String, _ finding: String, do remedy: String) -> Check {
        Check(group, name, .warning, finding, remedy)
    }

    /// It is wrong, and this mends it.
    package static func problem(_ group: Group, _ name: String, _ finding: String, do remedy: String) -> Check {
        Check(group, name, .problem, finding, remedy)
    }

    /// It could not be looked at.
    package static func unknown(_ group: Group, _ name: String, _ reason: String) -> Check {
        Check(group, name, .unknown, "could not be looked at: \(reason)", nil)
    }
}
