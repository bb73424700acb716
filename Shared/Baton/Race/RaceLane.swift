// SPDX-License-Identifier: Apache-2.0

/// Which of a leg's two consumer groups an assignment is for.
public enum RaceLane: String, Codable, Sendable, CaseIterable {
    case primary, fallback

    /// The lane that takes over from this one.
    public var other: RaceLane { self == .primary ? .fallback : .primary }
}
