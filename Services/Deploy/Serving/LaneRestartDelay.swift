// SPDX-License-Identifier: Apache-2.0

/// How long to wait before a lane is started again: at once after a long life, longer and longer otherwise.
struct LaneRestartDelay: Sendable, Equatable {
    static let first: Duration = .milliseconds(100)
    static let longest: Duration = .seconds(30)
    /// A lane that lived this long is taken for healthy.
    static let healthyLife: Duration = .seconds(30)

    /// Wait this long before the next attempt.
    private(set) var delay: Duration = .zero

    /// The lane served, then ended.
    mutating func ran(for life: Duration) {
        if life >= Self.healthyLife { delay = .zero } else { failed() }
    }

    /// The lane did not come to serve.
    mutating func failed() {
        delay = delay == .zero ? Self.first : min(delay * 2, Self.longest)
    }
}
