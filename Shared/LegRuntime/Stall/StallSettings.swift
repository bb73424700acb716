// SPDX-License-Identifier: Apache-2.0

import Operations

/// How long a reader may stand still although there is something to read.
struct StallSettings: Sendable, Equatable {
    let after: Duration
    let limit: Duration

    /// Between two looks.
    var interval: Duration { min(.seconds(5), max(.milliseconds(20), after / 6)) }

    /// How long offsets that moved without a result wait to be committed: not felt by anybody, and well before the lag
    /// that they leave looks like a stall.
    var sweepDelay: Duration { min(.seconds(1), after / 4) }

    init(after: Duration, limit: Duration) {
        self.after = after
        self.limit = limit
    }

    init(_ configuration: ProcessConfiguration) throws(ConfigurationError) {
        after = try configuration.value(Self.afterSetting)
        limit = try configuration.value(Self.limitSetting)
        guard limit >= after else {
            throw ConfigurationError(key: "RELAY_STALL_LIMIT", reason: "must be at least RELAY_STALL_AFTER")
        }
    }

    static let settings = [afterSetting.declaration, limitSetting.declaration]

    private static let afterSetting = Setting<Duration>.duration(
        "stall-after", scope: .suite, default: .seconds(30), atLeast: .milliseconds(100),
        "that a reader may stand still, with something to read, before it is not ready")
    private static let limitSetting = Setting<Duration>.duration(
        "stall-limit", scope: .suite, default: .seconds(120), "the same, before its process ends, to be started again")
}
