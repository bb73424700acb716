// SPDX-License-Identifier: Apache-2.0

/// One assignment's worth of a leg. Governance is asked three times and deploy twice, always for something else,
/// so a handoff is counted once per baton and duty.
public enum Duty: String, Codable, Sendable, CaseIterable {
    /// Governance: may this requester, and is there budget left?
    case admission
    /// Pipeline: run the project's pipeline and hand over a manifest.
    case build
    /// Deploy: check the release before anything is pushed.
    case verification
    /// Governance: still within budget, right before traffic?
    case approval
    /// Deploy: put the release on its lanes and switch traffic over.
    case rollout
    /// Monitor: watch the live release for its declared period.
    case watch
    /// Governance: price everything and close the books.
    case closing

    /// The leg that the duty belongs to.
    public var leg: Leg {
        switch self {
        case .admission, .approval, .closing: .governance
        case .build: .pipeline
        case .verification, .rollout: .deploy
        case .watch: .monitor
        }
    }

    /// The duty that follows in the course; nil after the last.
    public var next: Duty? {
        let course = Duty.allCases
        return course.firstIndex(of: self).map { $0 + 1 }.flatMap { $0 < course.count ? course[$0] : nil }
    }
}
