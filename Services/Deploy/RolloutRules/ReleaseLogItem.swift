// SPDX-License-Identifier: Apache-2.0

package import Baton

/// What a follower of the releases topic hears.
package enum ReleaseLogItem: Sendable {
    case record(ReleaseRecord)
    /// Everything that was in the log at the start has been told: releases of the past need no lanes.
    case caughtUp
}
