// SPDX-License-Identifier: Apache-2.0

import Baton
import Operations

/// How long a command waits, as people write it: `60s`, `500ms`.
package struct TimeLimit: Sendable, Equatable {
    /// How long.
    package let duration: Duration

    /// A limit of that length.
    package init(_ duration: Duration) { self.duration = duration }

    /// nil for what is no length of time.
    package init?(argument: String) {
        guard let duration = DurationText.parse(argument) else { return nil }
        self.duration = duration
    }

    /// `60 s`, or `500 ms`.
    package var description: String {
        duration >= .seconds(1) && duration.milliseconds % 1000 == 0
            ? "\(duration.milliseconds / 1000)s" : "\(duration.milliseconds)ms"
    }
}
