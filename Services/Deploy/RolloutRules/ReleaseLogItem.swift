// SPDX-License-Identifier: Apache-2.0

package import Baton

/// What a follower of the releases topic hears.
package enum ReleaseLogItem: Sendable {
    case record(ReleaseRecord)
    /// All that was in the topic at the start has been read. Only now is it known which releases serve; lanes of those
    /// that were replaced long ago are never started.
    case caughtUp
}
