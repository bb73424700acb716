// SPDX-License-Identifier: Apache-2.0

package import Baton

/// What is watched, against which bounds.
package struct WatchPlan: Sendable {
    /// Whose release it is.
    package let baton: BatonID
    /// The model that it is a version of.
    package let model: String
    /// When the release got its traffic.
    package let liveSince: Timestamp
    /// What it must keep to.
    package let bounds: ReleaseDeclaration.Watch
    let reference: ReferenceSample

    /// - Parameters:
    ///   - baton: whose release it is.
    ///   - model: the model that it is a version of.
    ///   - liveSince: when it got its traffic.
    ///   - bounds: what it must keep to.
    ///   - reference: what live rows are compared with.
    package init(
        baton: BatonID, model: String, liveSince: Timestamp, bounds: ReleaseDeclaration.Watch,
        reference: ReferenceSample
    ) {
        self.baton = baton
        self.model = model
        self.liveSince = liveSince
        self.bounds = bounds
        self.reference = reference
    }

    /// For how long before it the traffic of the releases before is looked at.
    static let longestLookBack = Duration.seconds(600)
    static let shortestLookBack = Duration.seconds(60)

    /// When the watch is over.
    package var until: Timestamp { liveSince + period }

    /// From when on the traffic of the releases before is looked at.
    package var before: Timestamp {
        liveSince + min(max(period, Self.shortestLookBack), Self.longestLookBack) * -1
    }

    private var period: Duration { .milliseconds(Int64((bounds.periodSeconds * 1000).rounded(.up))) }
}
