// SPDX-License-Identifier: Apache-2.0

import Baton

/// A level that rises when a bound is reached and falls only when the value is clearly below it again, so that a
/// value that trembles around a bound is told of once.
struct Hysteresis: Sendable, Equatable {
    /// Warning from here on, as a share of the bound.
    static let warning = 1.0
    /// Critical from here on.
    static let critical = 2.0
    /// A level is left below this share of where it begins.
    static let release = 0.8

    private(set) var level = Signal.Level.info

    /// Takes a new value, as a share of its bound.
    /// - Returns: the new level when it changed.
    mutating func update(_ share: Double) -> Signal.Level? {
        let holdsCritical = level == .critical && share >= Self.critical * Self.release
        let holdsWarning = level != .info && share >= Self.warning * Self.release
        let next: Signal.Level =
            if share >= Self.critical || holdsCritical {
                .critical
            } else if share > Self.warning || holdsWarning {
                .warning
            } else {
                .info
            }
        defer { level = next }
        return next == level ? nil : next
    }
}
