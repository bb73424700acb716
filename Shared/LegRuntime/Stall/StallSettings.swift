// SPDX-License-Identifier: Apache-2.0

import Operations

/// How long a reader may stand still although there is something to read.
///
/// | key | default | meaning |
/// |---|---|---|
/// | `RELAY_STALL_AFTER` | `30s` | after which it is not ready |
/// | `RELAY_STALL_LIMIT` | `2m` | after which its process ends, so that it is started again |
struct StallSettings: Sendable, Equatable {
    let after: Duration
    let limit: Duration

    /// Between two looks.
    var interval: Duration { min(.seconds(5), max(.milliseconds(20), after / 6)) }

    init(after: Duration, limit: Duration) {
        self.after = after
        self.limit = limit
    }

    init(_ configuration: ProcessConfiguration) throws(ConfigurationError) {
        after = try configuration.duration("stall-after", scope: .suite, default: .seconds(30))
        limit = try configuration.duration("stall-limit", scope: .suite, default: .seconds(120))
        guard after >= .milliseconds(100) else {
            throw ConfigurationError(key: "RELAY_STALL_AFTER", reason: "must be at least 100ms")
        }
        guard limit >= after else {
            throw ConfigurationError(key: "RELAY_STALL_LIMIT", reason: "must be at least RELAY_STALL_AFTER")
        }
    }
}
