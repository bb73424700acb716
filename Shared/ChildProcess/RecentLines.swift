// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The last lines that a child wrote: what it said before it ended.
public final class RecentLines: Sendable {
    private let limit: Int
    private let lines = Mutex<[String]>([])

    /// Keeps so many lines.
    public init(limit: Int) { self.limit = limit }

    /// The lines kept, the oldest first, each cut to a length that a message can carry.
    public var all: [String] { lines.withLock { $0 } }

    /// The lines kept, in one; nil when there were none.
    public var text: String? {
        let lines = all
        return lines.isEmpty ? nil : lines.joined(separator: " | ")
    }

    /// Adds a line; the oldest one goes where there are too many.
    public func add(_ line: String) {
        lines.withLock {
            $0.append(String(line.prefix(500)))
            if $0.count > limit { $0.removeFirst() }
        }
    }
}
