// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation

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
            && chance(refused, of: requests, and: before.refusals, of: before.requests) < chanceOfFalseAlarm
    }

    static func share(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }

    /// How likely so many of the refused ones, or more, are among the later requests if it is chance where they are.
    ///
    /// Fisher's exact test, one-sided: the tail of the hypergeometric distribution. Source: R. A. Fisher, "Statistical
    /// Methods for Research Workers", 5th ed. 1934, section 21.02.
    /// With no more than are to be expected it is likely anyway, and 1 stands for that.
    static func chance(_ refused: Int, of requests: Int, and before: Int, of requestsBefore: Int) -> Double {
        let (all, marked) = (requests + requestsBefore, refused + before)
        guard share(refused, requests) > share(marked, all) else { return 1 }
        let most = min(requests, marked)
        var term = exp(
            logChoose(requests, refused) + logChoose(requestsBefore, before) - logChoose(all, marked))
        var sum = term
        var count = refused
        while count < most {
            // From one count to the next, by the ratio of the two probabilities.
            term *= Double(marked - count) * Double(requests - count)
            term /= Double(count + 1) * Double(requestsBefore - marked + count + 1)
            count += 1
            sum += term
            if term < sum * 1e-12 { break }
        }
        return min(1, sum)
    }

    private static func logChoose(_ all: Int, _ some: Int) -> Double {
        lgamma(Double(all) + 1) - lgamma(Double(some) + 1) - lgamma(Double(all - some) + 1)
    }
}
