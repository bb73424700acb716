// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The last lines of a child's output.
package final class RecentLines: Sendable {
    private let limit: Int
    private let lines = Mutex<[String]>([])

    /// Keeps so many lines, each cut to 500 characters.
    package init(limit: Int) { self.limit = limit }

    /// The lines kept, the oldest first.
    package var all: [String] { lines.withLock { $0 } }

    /// Adds a line; the oldest one goes where there are too many.
    package func add(_ line: String) {
        lines.withLock {
            $0.append(String(line.prefix(500)))
            if $0.count > limit { $0.removeFirst() }
        }
    }
}
