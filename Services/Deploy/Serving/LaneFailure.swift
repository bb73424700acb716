// SPDX-License-Identifier: Apache-2.0

import ChildProcess

/// Why a lane does not serve.
package struct LaneFailure: Error, Equatable, CustomStringConvertible {
    /// One sentence; ends with the lane's last lines when it wrote any.
    package let description: String

    /// A failure of which the lane itself says nothing.
    package init(_ what: String) { description = what }

    init(_ what: String, saying tail: RecentLines) {
        description = what + (tail.text.map { ": \($0)" } ?? "")
    }
}
