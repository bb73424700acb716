// SPDX-License-Identifier: Apache-2.0

/// How a baton ends.
public struct Ending: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        /// It crossed the line.
        case finished
        /// A leg could not do its work.
        case dropped
        /// Governance said no.
        case refused
        /// Somebody called it off.
        case cancelled
    }

    public var kind: Kind
    public var reason: String?
    /// The baton whose release was asked for later and is to serve instead; goes with `dropped`, which is all that
    /// older readers know of it.
    public var supersededBy: BatonID?

    public init(_ kind: Kind, reason: String? = nil) {
        self.kind = kind
        self.reason = reason
    }

    /// A newer release took its place.
    public init(supersededBy newer: BatonID) {
        self.init(.dropped, reason: "superseded by \(newer), which was asked for later")
        supersededBy = newer
    }

    /// How it ends and why, for people.
    public var sentence: String {
        let word = supersededBy == nil ? kind.rawValue : nil
        return [word, reason].compactMap(\.self).joined(separator: ": ")
    }
}
