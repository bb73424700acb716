// SPDX-License-Identifier: Apache-2.0

/// Everything that the doctor found; also its JSON form.
package struct Diagnosis: Encodable, Sendable, Equatable {
    let version: String
    /// Every check, in the order in which they were made.
    package let checks: [Check]
    /// Whether the cluster answered at all.
    let couldLook: Bool

    /// Of its parts.
    package init(version: String, checks: [Check], couldLook: Bool) {
        self.version = version
        self.checks = checks
        self.couldLook = couldLook
    }

    /// 0 healthy, 1 problems, 2 the cluster could not be looked at.
    package var exitCode: Int32 {
        guard couldLook else { return 2 }
        return checks.contains { $0.severity == .problem || $0.severity == .unknown } ? 1 : 0
    }
}
