// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The last lines that a process wrote: what it said before it died.
final class OutputTail: Sendable {
    static let capacity = 20

    private let lines = Mutex<[String]>([])

    func add(_ line: String) {
        lines.withLock { lines in
            if lines.count == Self.capacity { lines.removeFirst() }
            lines.append(line)
        }
    }

    /// The lines in one; nil when there were none.
    var text: String? {
        let lines = lines.withLock { $0 }
        return lines.isEmpty ? nil : lines.joined(separator: " | ")
    }
}
