// SPDX-License-Identifier: Apache-2.0

import Baton
import Statistics

/// Whether the share of requests that are refused for a reason on the caller's side has gone up with a release.
enum Refusals {
    /// A rise that is smaller is no reason to take a release off: callers come and go.
    static let smallestRise = 0.05
    /// How often requests that are refused as before may look like a rise.
    static let chanceOfFalseAlarm = 0.001
    /// Fewer requests than this, before or now, say nothing about a share.
    static let fewestRequests = 20
    /// The largest share where nothing is known of before.
    static let maximumShare = 0.5

    /// Whether more are refused than before by more than chance explains, and by enough to matter.
    static func haveRisen(_ refused: Int, of requests: Int, before: WatchReport.Before) -> Bool {
        guard requests > 0, before.requests > 0 else { return false }
        let (now, then) = (share(refused, requests), share(before.refusals, before.requests))
        return now > then + smallestRise
            && FisherTest.chance(refused, of: requests, and: before.refusals, of: before.requests) < chanceOfFalseAlarm
    }

    static func share(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
