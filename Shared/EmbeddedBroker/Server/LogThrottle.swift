// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Keeps a crowd of clients from writing the log: one line of a kind in each interval.
///
/// A value without I/O and without a clock.
struct LogThrottle<Kind: Hashable> {
    let interval: TimeAmount
    private var lines: [Kind: (last: NIODeadline, suppressed: Int)] = [:]

    init(interval: TimeAmount) { self.interval = interval }

    /// Whether to write a line now: the number of lines of this kind not written since the last one, else nil.
    mutating func admit(_ kind: Kind, now: NIODeadline) -> Int? {
        guard let line = lines[kind] else {
            lines[kind] = (now, 0)
            return 0
        }
        guard now - line.last >= interval else {
            lines[kind]?.suppressed += 1
            return nil
        }
        lines[kind] = (now, 0)
        return line.suppressed
    }
}
