// SPDX-License-Identifier: Apache-2.0

public import Baton
import Foundation

/// The time of day, injected so that tests decide it.
public protocol WallClock: Sendable {
    /// The moment it is.
    func now() -> Timestamp
}

/// The machine's clock.
public struct SystemClock: WallClock {
    /// The machine's clock.
    public init() {}

    /// The moment it is, by the machine.
    public func now() -> Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded()))
    }
}
